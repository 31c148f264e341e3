/* valise-computer-name.h: the names of many computers, made from one pattern.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseNamedDrive:
 * @name: what the drive is called in messages
 * @serial: (nullable): its serial number
 * @number: its number in the batch, from 1
 *
 * What a computer's name can be made of.
 */
typedef struct
{
  const char *name;
  const char *serial;
  guint number;
} ValiseNamedDrive;

gboolean valise_computer_name_check_pattern (const char *pattern, GError **error);
char **valise_computer_name_expand (const char *pattern,
                                    const ValiseNamedDrive *drives,
                                    guint n_drives,
                                    GError **error);

G_END_DECLS
