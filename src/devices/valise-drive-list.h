/* valise-drive-list.h: the drives that are plugged in, as a model.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-drive.h"

G_BEGIN_DECLS

/**
 * ValiseDriveListState:
 * @VALISE_DRIVE_LIST_STARTING: it is not known yet which drives there are
 * @VALISE_DRIVE_LIST_READY: the drives are listed
 * @VALISE_DRIVE_LIST_UNAVAILABLE: udisks2 does not answer; the list is empty, and will be filled
 *   when it does
 */
typedef enum
{
  VALISE_DRIVE_LIST_STARTING,
  VALISE_DRIVE_LIST_READY,
  VALISE_DRIVE_LIST_UNAVAILABLE,
} ValiseDriveListState;

#define VALISE_TYPE_DRIVE_LIST_STATE (valise_drive_list_state_get_type ())
GType valise_drive_list_state_get_type (void);

#define VALISE_TYPE_DRIVE_LIST (valise_drive_list_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDriveList, valise_drive_list, VALISE, DRIVE_LIST, GObject)

ValiseDriveList *valise_drive_list_new (void);
ValiseDriveListState valise_drive_list_get_state (ValiseDriveList *self);
const GError *valise_drive_list_get_error (ValiseDriveList *self);
ValiseDrive *valise_drive_list_resolve (ValiseDriveList *self, const char *name, GError **error);

G_END_DECLS
