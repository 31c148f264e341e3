/* fake-udisks.h: a udisks2 that sets up no loop device and mounts nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

typedef enum
{
  FAKE_UDISKS_WORKS,
  FAKE_UDISKS_SLOW,            /* the file system is there at the third try */
  FAKE_UDISKS_ALREADY_MOUNTED, /* by somebody else */
  FAKE_UDISKS_REFUSES,         /* would have to ask for a password */
  FAKE_UDISKS_MOUNT_REFUSED,
  FAKE_UDISKS_OTHER_DISC,      /* the file is not the one in the ISO */
} FakeUdisksMode;

typedef struct _FakeUdisks FakeUdisks;

gboolean fake_udisks_available (void);
FakeUdisks *fake_udisks_new (FakeUdisksMode mode, const char *folder);
const char *fake_udisks_get_calls (FakeUdisks *self);
void fake_udisks_free (FakeUdisks *self);
