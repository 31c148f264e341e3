/* valise-inf.h: information files of drivers (.inf).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_INF_MAX:
 *
 * The largest file, in bytes, that is read.
 */
#define VALISE_INF_MAX (16 * 1024 * 1024)

/**
 * ValiseInfTarget:
 * @architecture: `x86`, `amd64` or `arm64`
 * @major: the least version of Windows
 * @minor: likewise
 * @build: likewise
 *
 * For which Windows a part of an INF is.
 */
typedef struct
{
  char architecture[8];
  guint major;
  guint minor;
  guint build;
} ValiseInfTarget;

/**
 * ValiseInf:
 * @provider: (nullable): who made it
 * @class_name: (nullable): what kind of device it is for
 * @class_guid: (nullable): the same as a GUID with braces
 * @version: (nullable): date and version, as they stand there
 * @catalogs: (element-type utf8): pairs of a decoration ("", "nt", "ntamd64" …) and a file's name
 * @targets: (element-type ValiseInfTarget): for which Windows it has devices
 * @files: (element-type utf8): pairs of an architecture ("" for all) and a path, with slashes
 *
 * What is said in an INF.
 */
typedef struct
{
  char *provider;
  char *class_name;
  char *class_guid;
  char *version;
  GPtrArray *catalogs;
  GArray *targets;
  GPtrArray *files;
} ValiseInf;

ValiseInf *valise_inf_parse (GBytes *file);
void valise_inf_free (ValiseInf *self);
const char *valise_inf_get_catalog (const ValiseInf *self, const char *architecture);
gboolean valise_inf_is_boot_critical (const ValiseInf *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseInf, valise_inf_free)

G_END_DECLS
