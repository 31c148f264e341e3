/* valise-plan.h: what is to be done to the drives: chosen once, checked at once, never changed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "boot/valise-esp.h"
#include "compact/valise-compact-mode.h"
#include "valise-setup.h"
#include "volume/valise-container.h"

G_BEGIN_DECLS

/**
 * ValisePlanLayout:
 * @VALISE_PLAN_LAYOUT_GPT: GPT, for UEFI
 * @VALISE_PLAN_LAYOUT_MBR: MBR, for BIOS and UEFI
 */
typedef enum
{
  VALISE_PLAN_LAYOUT_GPT,
  VALISE_PLAN_LAYOUT_MBR,
} ValisePlanLayout;

/**
 * ValisePlanOptions:
 * @source: path of an ISO, WIM, ESD, or the first part of an SWM
 * @source_size: its size in bytes when @edition was chosen; 0 where it was not looked at
 * @source_time: when it had been changed last then, in µs since 1970
 * @edition: (nullable): number, name or edition id; %NULL where there is only one
 * @layout: the partition table
 * @boot_manager: which of the image's boot managers starts the drive
 * @compact: how much Windows is compressed
 * @verify: whether the drives are read back and compared
 * @allow_encrypted: whether to go on although encrypted files of the image come out empty
 * @cache_size: memory for the volume cache in bytes; 0 for the default
 * @container: whether Windows is put into a virtual disk in a file, and in which format
 * @container_size: the virtual disk's size in bytes; 0 for what is sensible
 * @setup: (nullable): how Windows is made its owner's; %NULL for what every portable one
 *   needs; never %NULL in a plan
 *
 * What a user can choose. Only the values matter while valise_plan_new() runs.
 */
typedef struct
{
  const char *source;
  guint64 source_size;
  gint64 source_time;
  const char *edition;
  ValisePlanLayout layout;
  ValiseBootManager boot_manager;
  ValiseCompactMode compact;
  gboolean verify;
  gboolean allow_encrypted;
  guint64 cache_size;
  ValiseContainerKind container;
  guint64 container_size;
  const ValiseSetup *setup;
} ValisePlanOptions;

/**
 * ValisePlan:
 *
 * A checked copy of #ValisePlanOptions. Counted and immutable: any thread may read it.
 */
typedef struct _ValisePlan ValisePlan;

ValisePlan *valise_plan_new (const ValisePlanOptions *options, GError **error);
ValisePlan *valise_plan_ref (ValisePlan *self);
void valise_plan_unref (ValisePlan *self);
const ValisePlanOptions *valise_plan_get_options (const ValisePlan *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValisePlan, valise_plan_unref)

G_END_DECLS
