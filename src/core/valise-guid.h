/* valise-guid.h: GUIDs as text, as bytes, and new ones.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseGuid:
 * @bytes: the 16 bytes in the order in which the text shows them (RFC 4122's order)
 *
 * A GUID. A plain value: copy it by assignment; all zero is the nil GUID.
 *
 * On disk, Microsoft's formats (GPT entries, BCD device elements) hold the first three fields
 * little-endian and the rest as it is: the “mixed-endian form”, which valise_guid_to_mixed() and
 * valise_guid_from_mixed() convert to and from.
 */
typedef struct
{
  guint8 bytes[16];
} ValiseGuid;

gboolean valise_guid_parse (const char *text, ValiseGuid *guid, GError **error);
char *valise_guid_format (const ValiseGuid *guid);
char *valise_guid_format_braced (const ValiseGuid *guid);
void valise_guid_random (ValiseGuid *guid);
void valise_guid_to_mixed (const ValiseGuid *guid, guint8 mixed[16]);
void valise_guid_from_mixed (const guint8 mixed[16], ValiseGuid *guid);
gboolean valise_guid_equal (const ValiseGuid *a, const ValiseGuid *b);
gboolean valise_guid_is_nil (const ValiseGuid *guid);

G_END_DECLS
