/* valise-fdisk.c: a drive's partition table, made by libfdisk.
 *
 * libfdisk works on regular files as any user, and is told the size of the sectors: a file has
 * none of its own. It starts no other program. Each context is one caller's own, so that the
 * tables of many drives can be made at once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-fdisk.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <libfdisk.h>

#include "core/valise-error.h"
#include "core/valise-guid.h"

typedef struct fdisk_context Context;
typedef struct fdisk_partition Partition;
typedef struct fdisk_parttype Parttype;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Context, fdisk_unref_context)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Partition, fdisk_unref_partition)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Parttype, fdisk_unref_parttype)

/* libfdisk says what is wrong by asking somebody to show it. Nobody is asked anything: a question
 * that is not answered fails what it is about. */
static int
on_ask (Context *context, struct fdisk_ask *ask, void *data)
{
  switch (fdisk_ask_get_type (ask))
    {
    case FDISK_ASKTYPE_WARN:
    case FDISK_ASKTYPE_WARNX:
    case FDISK_ASKTYPE_INFO:
      g_debug ("libfdisk: %s", fdisk_ask_print_get_mesg (ask));
      return 0;
    default:
      return -EINVAL;
    }
}

/* libfdisk 2.38 turns the bytes of its own GUIDs round after it has marked them as random. */
static char *
make_guid (void)
{
  ValiseGuid guid;

  valise_guid_random (&guid);
  return valise_guid_format (&guid);
}

/* Returns 0 or a negative errno, as libfdisk does. */
static int
add_partition (Context *context, const ValisePartition *partition)
{
  struct fdisk_label *label = fdisk_get_label (context, NULL);
  g_autofree char *type_guid = g_ascii_strup (partition->type_guid, -1);
  g_autofree char *guid = make_guid ();
  g_autoptr (Partition) entry = fdisk_new_partition ();
  g_autoptr (Parttype) type = fdisk_label_parse_parttype (label, type_guid);
  int result;

  if (entry == NULL || type == NULL)
    return -ENOMEM;
  /* Without the second, libfdisk would round the size to what it thinks fit. */
  if ((result = fdisk_partition_set_start (entry, partition->offset / partition->sector_size)) != 0
      || (result = fdisk_partition_size_explicit (entry, TRUE)) != 0
      || (result = fdisk_partition_set_size (entry, partition->size / partition->sector_size)) != 0
      || (result = fdisk_partition_set_partno (entry, partition->index - 1)) != 0
      || (result = fdisk_partition_set_name (entry, partition->name)) != 0
      || (result = fdisk_partition_set_uuid (entry, guid)) != 0
      || (result = fdisk_partition_set_type (entry, type)) != 0)
    return result;
  return fdisk_add_partition (context, entry, NULL);
}

static int
make_gpt (Context *context, const ValiseLayout *layout)
{
  g_autofree char *guid = make_guid ();
  int result = fdisk_create_disklabel (context, "gpt");

  if (result == 0)
    result = fdisk_set_disklabel_id_from_string (context, guid);
  for (guint i = 0; result == 0 && i < layout->n_partitions; i++)
    result = add_partition (context, &layout->partitions[i]);
  return result;
}

/**
 * valise_fdisk_make_table:
 * @path: a file of the drive's size
 * @layout: the partitions
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Writes a GPT with new random GUIDs, its backup and its protective MBR into @path, in sectors of
 * @layout's size. Blocks. Any thread.
 *
 * Returns: whether libfdisk has said that it did so
 */
gboolean
valise_fdisk_make_table (const char *path, const ValiseLayout *layout, GError **error)
{
  g_autoptr (Context) context = fdisk_new_context ();
  int result = context == NULL ? -ENOMEM : 0;

  if (result == 0)
    result = fdisk_set_ask (context, on_ask, NULL);
  if (result == 0)
    result = fdisk_save_user_sector_size (context, layout->sector_size, layout->sector_size);
  if (result == 0)
    result = fdisk_assign_device (context, path, FALSE);
  if (result == 0)
    {
      int closed;

      result = make_gpt (context, layout);
      if (result == 0)
        result = fdisk_write_disklabel (context);
      /* The file is read back soon and then removed: nothing to wait for. */
      closed = fdisk_deassign_device (context, TRUE);
      if (result == 0)
        result = closed;
    }
  if (result == 0)
    return TRUE;

  g_set_error (error, VALISE_SYSTEM_ERROR,
               result == -ENOSPC ? VALISE_SYSTEM_ERROR_NO_SPACE : VALISE_SYSTEM_ERROR_FAILED,
               /* Translators: a file's path, and what the system said. */
               _ ("The partition table cannot be made in the temporary file “%s”: %s. See that "
                  "there is space in the folder for temporary files."),
               path, g_strerror (result < 0 ? -result : EINVAL));
  return FALSE;
}
