/* valise-edition.h: one of the Windows editions that a source holds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseEdition:
 * @index: its number in the source, counted from 1
 * @name: what it is called, such as “Windows 11 Pro”; never empty
 * @description: a longer name; may be empty
 * @edition_id: Microsoft's word for it, such as `Professional`; may be empty
 * @version: such as `10.0.26100.1`; empty where the source does not say
 * @architecture: `amd64`, `arm64`, `x86` or `unknown`
 * @build: the third number of @version
 * @languages: such as `en-US`; may have no elements
 * @default_language: one of @languages; may be empty
 * @bytes: what its files hold together, each hard link counted
 * @hard_link_bytes: how many of @bytes are there only because a file has further hard links
 * @n_files: number of files
 * @n_folders: number of folders
 * @is_system: whether a Windows is in it that can be started from a drive; not so for Windows PE,
 *   for Windows Setup, and for plain data
 * @boots_uefi: whether it has boot files for UEFI firmware
 * @boots_bios: whether it has boot files for BIOS firmware
 * @bootmgr_bytes: how large the boot manager for BIOS is; 0 where there is none
 * @boots_ca2023: whether it has boot files that are signed with Microsoft's key of 2023
 * @boot_key: the same for editions with the same boot managers
 *
 * A plain record, owned by its #ValiseSource, never changed. Any thread may read it.
 */
typedef struct
{
  guint index;
  char *name;
  char *description;
  char *edition_id;
  char *version;
  const char *architecture;
  guint build;
  GStrv languages;
  char *default_language;
  guint64 bytes;
  guint64 hard_link_bytes;
  guint64 n_files;
  guint64 n_folders;
  gboolean is_system;
  gboolean boots_uefi;
  gboolean boots_bios;
  guint64 bootmgr_bytes;
  gboolean boots_ca2023;
  char *boot_key;
} ValiseEdition;

ValiseEdition *valise_edition_copy (const ValiseEdition *self);
void valise_edition_free (ValiseEdition *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseEdition, valise_edition_free)

G_END_DECLS
