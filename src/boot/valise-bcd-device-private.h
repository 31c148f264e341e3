/* valise-bcd-device-private.h: what the files about device elements share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <string.h>

#include "valise-bcd-device.h"

G_BEGIN_DECLS

#define OUTER_SIZE 0x20u     /* as far as what depends on the type */
#define PARTITION_SIZE 0x58u /* a boot device has the same size */
#define LOCATE_SIZE 0x2cu    /* without its path */

#define TYPE_BOOT 5u
#define TYPE_PARTITION 6u
#define TYPE_LOCATE 8u
#define FLAG_OPTIONS 1u
#define ON_WHOLE_DISK 0u
#define ON_FILE 5u
#define ON_VIRTUAL_DISK 6u
#define SCHEME_GPT 0u
#define SCHEME_MBR 1u

static inline void
put32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

static inline guint32
get32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_LE (value);
}

static inline guint64
get64 (const guint8 *at)
{
  return get32 (at) | (guint64)get32 (at + 4) << 32;
}

GBytes *valise_bcd_vhd_pack (const ValiseBcdDevice *self);
gboolean valise_bcd_vhd_parse (const guint8 *data, gsize size, ValiseBcdDevice *self);

G_END_DECLS
