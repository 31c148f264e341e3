/* valise-check.h: what an edition's metadata says, before anything of it is written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-source.h"

G_BEGIN_DECLS

/**
 * VALISE_CHECK_MAX_PATHS:
 *
 * Of paths that are only there to be shown, at most this many are kept.
 */
#define VALISE_CHECK_MAX_PATHS 20

/**
 * ValiseCheck:
 * @n_encrypted: files encrypted with EFS, which would come out empty
 * @encrypted_paths: (element-type utf8): the first %VALISE_CHECK_MAX_PATHS of them
 * @n_bad_security: files whose security descriptor has no valid owner or group; with one of these,
 *   the whole edition cannot be applied
 * @bad_security_paths: (element-type utf8): the first %VALISE_CHECK_MAX_PATHS of them
 * @n_extended_attributes: files with extended attributes, which are not written
 * @n_dropped_attributes: files with attribute bits that are not written
 * @dropped_attributes: all these bits together, as Windows numbers them
 * @compressed_paths: (element-type utf8): all files and folders whose own compressed bit is set,
 *   each name of a file with several
 * @n_files: files (not names), without folders
 * @n_folders: folders
 * @data_bytes: what the files' streams hold, each file counted once
 * @sparse_bytes: how many of @needed_bytes are for files with the sparse bit, which may need less
 * @metadata_bytes: what NTFS needs for MFT records, folders' indexes and security descriptors
 * @needed_bytes: what an NTFS volume with clusters of 4096 bytes and sectors of 512 needs to hold
 *   the edition, @metadata_bytes included; an estimate on the safe side, without the volume's own
 *   files
 *
 * Paths begin with a slash, which also separates their parts.
 */
typedef struct
{
  guint64 n_encrypted;
  GPtrArray *encrypted_paths;
  guint64 n_bad_security;
  GPtrArray *bad_security_paths;
  guint64 n_extended_attributes;
  guint64 n_dropped_attributes;
  guint32 dropped_attributes;
  GPtrArray *compressed_paths;
  guint64 n_files;
  guint64 n_folders;
  guint64 data_bytes;
  guint64 sparse_bytes;
  guint64 metadata_bytes;
  guint64 needed_bytes;
} ValiseCheck;

ValiseCheck *valise_check_edition (ValiseSource *source, const ValiseEdition *edition,
                                   GCancellable *cancellable, GError **error);
guint64 valise_check_get_needed_bytes (const ValiseCheck *self, guint sector_size);
void valise_check_free (ValiseCheck *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseCheck, valise_check_free)

G_END_DECLS
