/* valise-hive-template.c: an empty registry hive, for hivex to fill.
 *
 * hivex changes hives, but cannot make one. An empty hive is small: a base block of 4 KiB and one
 * bin of 4 KiB that holds the root key, its security descriptor and one free cell. It is laid out
 * here by the published description of the format: “Windows registry file format specification”,
 * github.com/msuhanov/regf; the names of the fields below are from there. What is in the hive is
 * not decided here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-hive-template.h"

#include <string.h>

#include "core/valise-bytes.h"

#define BASE_SIZE 4096u
#define BIN_SIZE 4096u
#define BIN_HEADER_SIZE 32u
#define ROOT_NAME "NewStoreRoot" /* what Windows' own new stores have; nobody looks at it */
#define NO_OFFSET G_MAXUINT32

/* 2020-01-01 in 100 ns since 1601: a fixed date, so that equal contents are equal bytes. */
#define TIMESTAMP G_GUINT64_CONSTANT (132223104000000000)

/* What Windows' own stores have: full control for SYSTEM; Administrators may read, and may change
 * these rights. Self-relative ([MS-DTYP] 2.4.6). */
static const char security[] =
    /* revision 1, DACL present and self-relative, owner at 0x48, group at 0x58, DACL at 0x14 */
    "\x01\x00\x04\x80\x48\x00\x00\x00\x58\x00\x00\x00\x00\x00\x00\x00\x14\x00\x00\x00"
    /* DACL: revision 2, 0x34 bytes, 2 entries */
    "\x02\x00\x34\x00\x02\x00\x00\x00"
    /* allow KEY_READ and WRITE_DAC to S-1-5-32-544 */
    "\x00\x00\x18\x00\x19\x00\x06\x00"
    "\x01\x02\x00\x00\x00\x00\x00\x05\x20\x00\x00\x00\x20\x02\x00\x00"
    /* allow KEY_ALL_ACCESS to S-1-5-18 */
    "\x00\x00\x14\x00\x3f\x00\x0f\x00"
    "\x01\x01\x00\x00\x00\x00\x00\x05\x12\x00\x00\x00"
    /* owner S-1-5-32-544, group S-1-5-18 */
    "\x01\x02\x00\x00\x00\x00\x00\x05\x20\x00\x00\x00\x20\x02\x00\x00"
    "\x01\x01\x00\x00\x00\x00\x00\x05\x12\x00\x00\x00";
#define SECURITY_SIZE (sizeof security - 1)

/* A cell's size counts its own four bytes, and is negative while the cell is in use. */
static guint
cell_size (gsize content)
{
  return (4 + content + 7) / 8 * 8;
}

static void
put_root (guint8 *cell, guint size, guint32 security_offset)
{
  guint8 *nk = cell + 4;

  valise_put_le32 (cell, -(gint32)size);
  memcpy (nk, "nk", 2);
  valise_put_le16 (nk + 2, 0x2c); /* KEY_HIVE_ENTRY, KEY_NO_DELETE, KEY_COMP_NAME */
  valise_put_le64 (nk + 4, TIMESTAMP);
  valise_put_le32 (nk + 16, NO_OFFSET); /* parent: without meaning in a root */
  valise_put_le32 (nk + 28, NO_OFFSET); /* subkeys */
  valise_put_le32 (nk + 32, NO_OFFSET); /* volatile subkeys */
  valise_put_le32 (nk + 40, NO_OFFSET); /* values */
  valise_put_le32 (nk + 44, security_offset);
  valise_put_le32 (nk + 48, NO_OFFSET); /* class name */
  valise_put_le16 (nk + 72, strlen (ROOT_NAME));
  memcpy (nk + 76, ROOT_NAME, strlen (ROOT_NAME));
}

static void
put_security (guint8 *cell, guint size, guint32 own_offset)
{
  guint8 *sk = cell + 4;

  valise_put_le32 (cell, -(gint32)size);
  memcpy (sk, "sk", 2);
  valise_put_le32 (sk + 4, own_offset); /* the ring of security descriptors: only this one */
  valise_put_le32 (sk + 8, own_offset);
  valise_put_le32 (sk + 12, 1); /* used by the root */
  valise_put_le32 (sk + 16, SECURITY_SIZE);
  memcpy (sk + 20, security, SECURITY_SIZE);
}

static void
put_base (guint8 *base)
{
  guint32 checksum = 0;

  memcpy (base, "regf", 4);
  /* Both sequence numbers: equal in a hive that was closed properly. */
  valise_put_le32 (base + 4, 1);
  valise_put_le32 (base + 8, 1);
  valise_put_le64 (base + 12, TIMESTAMP);
  valise_put_le32 (base + 20, 1); /* version 1.5 */
  valise_put_le32 (base + 24, 5);
  valise_put_le32 (base + 32, 1);               /* direct memory load */
  valise_put_le32 (base + 36, BIN_HEADER_SIZE); /* the root cell, counted from the first bin */
  valise_put_le32 (base + 40, BIN_SIZE);
  valise_put_le32 (base + 44, 1); /* clustering factor */

  for (guint i = 0; i < 508; i += 4)
    {
      guint32 word;

      memcpy (&word, base + i, sizeof word);
      checksum ^= GUINT32_FROM_LE (word);
    }
  if (checksum == 0)
    checksum = 1;
  else if (checksum == G_MAXUINT32)
    checksum = G_MAXUINT32 - 1;
  valise_put_le32 (base + 508, checksum);
}

/**
 * valise_hive_template_build:
 *
 * Makes an empty hive of version 1.5: 8 KiB with only a root key, which SYSTEM may change and
 * Administrators may read. It is always the same bytes. Any thread.
 *
 * Returns: (transfer full): the hive file’s bytes
 */
GBytes *
valise_hive_template_build (void)
{
  guint8 *hive = g_malloc0 (BASE_SIZE + BIN_SIZE);
  guint8 *bin = hive + BASE_SIZE;
  const guint root_size = cell_size (76 + strlen (ROOT_NAME));
  const guint security_size = cell_size (20 + SECURITY_SIZE);
  const guint security_offset = BIN_HEADER_SIZE + root_size;
  const guint free_offset = security_offset + security_size;

  memcpy (bin, "hbin", 4);
  valise_put_le32 (bin + 8, BIN_SIZE);
  valise_put_le64 (bin + 20, TIMESTAMP);
  put_root (bin + BIN_HEADER_SIZE, root_size, security_offset);
  put_security (bin + security_offset, security_size, security_offset);
  valise_put_le32 (bin + free_offset, BIN_SIZE - free_offset);
  put_base (hive);
  return g_bytes_new_take (hive, BASE_SIZE + BIN_SIZE);
}
