/* valise-compact-rules.h: which files of a Windows may be compressed, and how.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseCompactLimit:
 * @VALISE_COMPACT_ANY: may be compressed with any algorithm
 * @VALISE_COMPACT_XPRESS4K: only with XPRESS4K, or not
 * @VALISE_COMPACT_PLAIN: must stay plain
 *
 * What a file allows; the larger value is the stricter one.
 */
typedef enum
{
  VALISE_COMPACT_ANY,
  VALISE_COMPACT_XPRESS4K,
  VALISE_COMPACT_PLAIN,
} ValiseCompactLimit;

/**
 * VALISE_COMPACT_FIRST_BUILD:
 *
 * The first build of Windows that has the filter: Windows 10, 1507.
 */
#define VALISE_COMPACT_FIRST_BUILD 10240

/**
 * VALISE_COMPACT_FULL_BUILD:
 *
 * The first build whose loader reads all algorithms: Windows 10, 1903.
 */
#define VALISE_COMPACT_FULL_BUILD 18362

/**
 * ValiseCompactRules:
 *
 * See valise-compact-rules.c.
 */
typedef struct _ValiseCompactRules ValiseCompactRules;

/**
 * ValiseCompactFolder:
 *
 * What the rules know of one folder; owned by the rules.
 */
typedef struct _ValiseCompactFolder ValiseCompactFolder;

ValiseCompactRules *valise_compact_rules_new (guint build, const char *ini, gsize size);
void valise_compact_rules_free (ValiseCompactRules *self);

const ValiseCompactFolder *valise_compact_rules_get_root (ValiseCompactRules *self);
const ValiseCompactFolder *valise_compact_rules_enter (ValiseCompactRules *self,
                                                       const ValiseCompactFolder *folder,
                                                       const char *name);
ValiseCompactLimit valise_compact_rules_judge (ValiseCompactRules *self,
                                               const ValiseCompactFolder *folder,
                                               const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseCompactRules, valise_compact_rules_free)

G_END_DECLS
