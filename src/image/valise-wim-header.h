/* valise-wim-header.h: the first bytes of a WIM, ESD or SWM file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_WIM_HEADER_SIZE:
 *
 * Size of the header in the file, in bytes.
 */
#define VALISE_WIM_HEADER_SIZE 208

/**
 * ValiseWimResource:
 * @flags: 2: metadata; 4: compressed; 16: solid
 * @offset: where it begins in the file, in bytes
 * @size: what it takes in the file, in bytes
 * @full_size: what it holds, in bytes
 */
typedef struct
{
  guint flags;
  guint64 offset;
  guint64 size;
  guint64 full_size;
} ValiseWimResource;

/**
 * ValiseWimHeader:
 * @is_solid: whether it is an ESD
 * @guid: the same in all parts of a set
 * @part: this part's number, from 1
 * @n_parts: how many parts there are
 * @n_images: how many images
 * @blobs: the table of blobs
 * @xml: the XML
 * @boot_metadata: the metadata of the image to start, or nothing
 * @integrity: the integrity table, or nothing
 */
typedef struct
{
  gboolean is_solid;
  guint8 guid[16];
  guint part;
  guint n_parts;
  guint n_images;
  ValiseWimResource blobs;
  ValiseWimResource xml;
  ValiseWimResource boot_metadata;
  ValiseWimResource integrity;
} ValiseWimHeader;

gboolean valise_wim_header_is (const guint8 *bytes, gsize size);
gboolean valise_wim_header_parse (const guint8 *bytes, gsize size, ValiseWimHeader *header);
gboolean valise_wim_header_read (const char *path, const char *shown, ValiseWimHeader *header,
                                 GError **error);

G_END_DECLS
