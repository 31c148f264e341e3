/* valise-pe.h: what a program for the firmware or for Windows says of itself.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValisePe:
 * @data: (array length=size): the file; whoever parsed it keeps it
 * @size: its size in bytes
 * @architecture: `amd64`, `arm64`, `x86` or `unknown`
 * @is_efi: whether it is an application for UEFI firmware
 * @certificates: offset in the file of the table of certificates, 0 for none
 * @certificates_size: its size in bytes; where it reaches beyond the file, only what is there
 *
 * A program in the format “Portable Executable”, taken apart.
 */
typedef struct
{
  const guint8 *data;
  gsize size;
  const char *architecture;
  gboolean is_efi;
  gsize certificates;
  gsize certificates_size;

  /*< private >*/
  gsize checksum;    /* offsets of what a digest leaves out */
  gsize certificate_entry; /* 0: there is none */
  gsize sections;
  guint n_sections;
  guint32 resources; /* address in memory, 0 for none */
} ValisePe;

gboolean valise_pe_parse (ValisePe *self, const guint8 *data, gsize size);
gboolean valise_pe_get_version (const ValisePe *self, guint16 version[4]);
char *valise_pe_dup_string (const ValisePe *self, const char *name);
gboolean
valise_pe_get_signature (const ValisePe *self, const guint8 **signature, gsize *size);
gboolean valise_pe_digest (const ValisePe *self, GChecksumType type, guint8 *digest, gsize *size);

G_END_DECLS
