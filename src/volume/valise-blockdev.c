/* valise-blockdev.c: empty file systems, made by libblockdev.
 *
 * Here, and nowhere else, libblockdev 2.28 (Debian 12) and 3.x (Debian 13) differ: 2.28's fs plugin
 * does not load unless every program it could ever run is installed; bd_switch_init_checks() turns
 * that off, and is gone from 3.0 on. It works on regular files as any user.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-blockdev.h"

#include <blockdev/blockdev.h>
#include <blockdev/fs.h>
#include <glib/gi18n-lib.h>

#include "core/valise-error.h"

#ifdef __SANITIZE_ADDRESS__
/* libparted 3.5, which the fs plugin brings along, reads one byte too many when it looks through
 * /proc/cmdline for “gpt”. */
const char *__asan_default_suppressions (void);

const char *
__asan_default_suppressions (void)
{
  return "interceptor_via_lib:libparted.so";
}
#endif

static void
log_message (int level, const char *message)
{
  g_debug ("libblockdev: %s", message);
}

/* mkntfs, mkfs.fat and their like are in sbin folders, which a desktop user's PATH may lack. */
static void
complete_path (void)
{
  static const char *const folders[] = { "/usr/sbin", "/sbin" };
  const char *path = g_getenv ("PATH");
  g_autoptr (GString) longer =
      g_string_new (path != NULL && *path != '\0' ? path : "/usr/bin:/bin");
  g_auto (GStrv) present = g_strsplit (longer->str, ":", -1);
  gboolean changed = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    if (!g_strv_contains ((const char *const *)present, folders[i]))
      {
        g_string_append_printf (longer, ":%s", folders[i]);
        changed = TRUE;
      }
  if (changed)
    g_setenv ("PATH", longer->str, TRUE);
}

static gpointer
init_once (gpointer unused)
{
  BDPluginSpec fs = { BD_PLUGIN_FS, NULL };
  BDPluginSpec *plugins[] = { &fs, NULL };
  GError *error = NULL;

  complete_path ();
#ifndef VALISE_BLOCKDEV_3
  if (!bd_switch_init_checks (FALSE, &error))
    return error;
#endif
  if (!bd_ensure_init (plugins, log_message, &error) && error == NULL)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_FAILED, "bd_ensure_init");
  return error;
}

/**
 * valise_blockdev_init:
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Loads libblockdev's fs plugin, once for the process, and adds the sbin folders to PATH.
 * The other functions here call it, but as it changes the environment, a program should call it
 * from main() before it starts threads. Any thread.
 *
 * Returns: whether libblockdev is there
 */
gboolean
valise_blockdev_init (GError **error)
{
  static GOnce once = G_ONCE_INIT;
  const GError *failure = g_once (&once, init_once, NULL);

  if (failure == NULL)
    return TRUE;
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
               /* Translators: %s is what the system said, in English. */
               _ ("The library libblockdev cannot be used: %s. Install its plugin “fs”."),
               failure->message);
  return FALSE;
}

/* Turns what libblockdev said into one of our errors. */
static gboolean
propagate (const char *program, GError *cause, GError **error)
{
  g_autofree char *found = g_find_program_in_path (program);

  if (found == NULL)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_PROGRAM_MISSING,
                 _ ("The program “%s” is missing. Install it and try again."), program);
  else
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                 _ ("Preparing the drive’s contents failed: %s"),
                 cause != NULL ? cause->message : "libblockdev");
  g_clear_error (&cause);
  return FALSE;
}

static void
free_extra (gpointer extra)
{
  if (extra != NULL)
    bd_extra_arg_free (extra);
}

/* Pairs of option and value, ended by NULL, as libblockdev wants them. */
static GPtrArray *
make_extra (const char *const *pairs)
{
  GPtrArray *extra = g_ptr_array_new_with_free_func (free_extra);

  for (; pairs[0] != NULL; pairs += 2)
    g_ptr_array_add (extra, bd_extra_arg_new (pairs[0], pairs[1]));
  return extra;
}

/**
 * valise_blockdev_make_fat32:
 * @path: a file of the partition's size
 * @sector_size: bytes in a sector of the drive
 * @cluster_size: bytes in a cluster
 * @hidden_sectors: the partition's first sector
 * @volume_id: the volume's serial number
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Formats @path with FAT32, without a label and so without any date. Blocks. Any thread.
 *
 * Returns: whether it is formatted
 */
gboolean
valise_blockdev_make_fat32 (const char *path,
                            guint sector_size,
                            guint cluster_size,
                            guint64 hidden_sectors,
                            guint32 volume_id,
                            GError **error)
{
  g_autofree char *sector = g_strdup_printf ("%u", sector_size);
  g_autofree char *cluster = g_strdup_printf ("%u", cluster_size / sector_size);
  g_autofree char *hidden = g_strdup_printf ("%" G_GUINT64_FORMAT, hidden_sectors);
  g_autofree char *id = g_strdup_printf ("%08x", volume_id);
  /* mkfs.fat would choose FAT16 up to 512 MiB, which firmware need not read; and a partition must
   * not get the partition table that it gives to some whole drives. */
  const char *pairs[] = { "-F", "32", "-s", cluster,  "-S",      sector, "-h", hidden,
                          "-i", id,   "-g", "255/63", "--mbr=n", "",     NULL };
  g_autoptr (GPtrArray) extra = make_extra (pairs);
  GError *cause = NULL;

  if (!valise_blockdev_init (error))
    return FALSE;
  g_ptr_array_add (extra, NULL);
  if (!bd_fs_vfat_mkfs (path, (const BDExtraArg **)extra->pdata, &cause))
    return propagate ("mkfs.vfat", cause, error);
  return TRUE;
}

/**
 * valise_blockdev_make_ntfs:
 * @path: a file of the partition's size
 * @sector_size: bytes in a sector of the drive
 * @cluster_size: bytes in a cluster
 * @hidden_sectors: the partition's first sector
 * @label: (nullable): the volume's label
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Formats @path with NTFS, without writing to what the new volume does not use. The boot sector
 * gets what Windows' boot code wants: the partition's first sector, 255 heads, 63 sectors.
 * mkntfs derives the serial number from the second it runs in: the caller has to set another.
 * Blocks. Any thread.
 *
 * Returns: whether it is formatted
 */
gboolean
valise_blockdev_make_ntfs (const char *path,
                           guint sector_size,
                           guint cluster_size,
                           guint64 hidden_sectors,
                           const char *label,
                           GError **error)
{
  g_autofree char *sector = g_strdup_printf ("%u", sector_size);
  g_autofree char *cluster = g_strdup_printf ("%u", cluster_size);
  g_autofree char *hidden = g_strdup_printf ("%" G_GUINT64_FORMAT, hidden_sectors);
  const char *pairs[] = { "-Q",   "",    "-q",    "",   "-s",
                          sector, "-c",  cluster, "-p", hidden,
                          "-H",   "255", "-S",    "63", label != NULL ? "-L" : NULL,
                          label,  NULL };
  g_autoptr (GPtrArray) extra = make_extra (pairs);
  GError *cause = NULL;

  if (!valise_blockdev_init (error))
    return FALSE;
  g_ptr_array_add (extra, NULL);
  if (!bd_fs_ntfs_mkfs (path, (const BDExtraArg **)extra->pdata, &cause))
    return propagate ("mkntfs", cause, error);
  return TRUE;
}
