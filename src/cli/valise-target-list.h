/* valise-target-list.h: the drives and files that were named on the command line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "devices/valise-drive-info.h"
#include "engine/valise-target.h"

G_BEGIN_DECLS

/**
 * ValiseTargetList:
 *
 * What is to be written, as it was when it was looked at; see valise-target-list.c.
 */
typedef struct _ValiseTargetList ValiseTargetList;

ValiseTargetList *valise_target_list_new (const char *const *paths,
                                          guint64 new_size,
                                          guint sector_size,
                                          const char *source,
                                          GCancellable *cancellable,
                                          GError **error);
void valise_target_list_free (ValiseTargetList *self);
gboolean valise_target_list_check_report (ValiseTargetList *self,
                                          const char *report,
                                          GError **error);
guint valise_target_list_get_n (ValiseTargetList *self);
const ValiseDriveInfo *valise_target_list_get_info (ValiseTargetList *self, guint index);
char *valise_target_list_describe_losses (ValiseTargetList *self, guint *n_drives);
ValiseTarget *valise_target_list_open (ValiseTargetList *self, guint index, GError **error);
gboolean valise_target_list_release (ValiseTargetList *self,
                                     guint index,
                                     gboolean eject,
                                     GError **error);
void valise_target_list_remove_new (ValiseTargetList *self, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseTargetList, valise_target_list_free)

G_END_DECLS
