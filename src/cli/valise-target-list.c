/* valise-target-list.c: the drives and files that were named on the command line.
 *
 * They are looked at and judged before anybody is asked, and once more when they are open: what
 * was shown to the user must be what is written. Drives are leased through udisks2; where it is not
 * there, those who may open them do so directly. A file that was made here is removed again when
 * nothing comes of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-target-list.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-text.h"
#include "devices/valise-drive-contents.h"
#include "devices/valise-drive-guard.h"
#include "valise-drive-wait.h"
#include "valise-lease-wait.h"
#include "valise-question.h"
#include "valise-terminal-agent.h"

typedef struct
{
  ValiseDriveInfo *info; /* before anything was done */
  ValiseDriveSurvey *survey; /* what a lease will do; NULL where there is none */
  ValiseDriveLease *lease;
  gboolean made;
  dev_t device; /* of the file that was made */
  ino_t inode;
} Entry;

struct _ValiseTargetList
{
  char *source;
  guint64 new_size;
  guint sector_size; /* of files */
  GCancellable *cancellable;
  GPtrArray *entries; /* Entry */
};

static void
entry_free (Entry *entry)
{
  g_clear_pointer (&entry->info, valise_drive_info_free);
  g_clear_pointer (&entry->survey, valise_drive_survey_free);
  g_clear_object (&entry->lease);
  g_free (entry);
}

/**
 * valise_target_list_free:
 * @self: (transfer full): a list
 */
void
valise_target_list_free (ValiseTargetList *self)
{
  g_ptr_array_unref (self->entries);
  g_clear_object (&self->cancellable);
  g_free (self->source);
  g_free (self);
}

/* --size makes a file, or says again how large it is. */
static gboolean
check_size (const ValiseDriveInfo *info, guint64 new_size, GError **error)
{
  g_autofree char *name = g_filename_display_name (info->path);
  g_autofree char *size = valise_text_size (info->size);

  if (info->kind == VALISE_DRIVE_KIND_NONE && new_size == 0)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("There is no “%s”. Plug the drive in or correct the name; to make a virtual "
                   "drive, give it a size with --size, such as --size 64G."),
                 name);
  else if (info->kind == VALISE_DRIVE_KIND_NONE && g_str_has_prefix (info->path, "/dev/"))
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("There is no “%s”, and files are not made there. Plug the drive in or correct "
                   "the name."),
                 name);
  else if (info->kind == VALISE_DRIVE_KIND_BLOCK && new_size != 0)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("“%s” is a drive and has its size. Leave --size out."), name);
  else if (info->kind == VALISE_DRIVE_KIND_FILE && new_size != 0 && new_size != info->size)
    /* Translators: a file's name, and its size. */
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("“%s” exists and has a size of %s, not that of --size. Leave --size out, or "
                   "remove the file."),
                 name, size);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_sector_size (ValiseTargetList *self, const ValiseDriveInfo *info, GError **error)
{
  g_autofree char *name = NULL;

  if (self->sector_size == 0 || info->kind != VALISE_DRIVE_KIND_BLOCK)
    return TRUE;
  name = g_filename_display_name (info->path);
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _("“%s” is a drive and has its sectors. Leave --sector-size out."), name);
  return FALSE;
}

static gboolean
is_twice (const ValiseDriveInfo *a, const ValiseDriveInfo *b)
{
  g_autofree char *path_a = NULL;
  g_autofree char *path_b = NULL;

  if (a->kind != b->kind)
    return FALSE;
  if (a->kind == VALISE_DRIVE_KIND_BLOCK)
    return a->number == b->number;
  if (a->kind == VALISE_DRIVE_KIND_FILE)
    return a->device == b->device && a->inode == b->inode;
  path_a = g_canonicalize_filename (a->path, NULL);
  path_b = g_canonicalize_filename (b->path, NULL);
  return g_str_equal (path_a, path_b);
}

/* A file that does not exist yet has nothing that could be refused. */
static gboolean
check_safe (ValiseTargetList *self, const ValiseDriveInfo *info, GError **error)
{
  g_autoptr (ValiseSystemState) state = valise_system_state_read (error);

  return state != NULL && valise_drive_guard_check (info, state, error)
         && valise_drive_guard_check_source (info, self->source, error);
}

/* A drive that is mounted may be erased all the same if it can be leased, which unmounts it. */
static gboolean
check_first (ValiseTargetList *self, Entry *entry, GError **error)
{
  const char *path = entry->info->path;
  g_autoptr (GError) why = NULL;

  if (entry->info->kind != VALISE_DRIVE_KIND_BLOCK)
    return check_safe (self, entry->info, error);
  entry->survey = valise_lease_wait_survey (path, self->cancellable, &why);
  if (entry->survey != NULL)
    return valise_drive_guard_check_source (entry->info, self->source, error);
  if (g_error_matches (why, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_UDISKS))
    {
      if (!check_safe (self, entry->info, error))
        return FALSE;
      if (g_access (path, R_OK | W_OK) == 0)
        return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static gboolean
add (ValiseTargetList *self, const char *name, GError **error)
{
  g_autofree char *path = valise_drive_wait_resolve (name, error);
  Entry *entry;

  if (path == NULL)
    return FALSE;
  entry = g_new0 (Entry, 1);
  g_ptr_array_add (self->entries, entry);
  entry->info = valise_drive_info_read (path, error);
  if (entry->info == NULL || !check_first (self, entry, error)
      || !check_size (entry->info, self->new_size, error)
      || !check_sector_size (self, entry->info, error))
    return FALSE;
  for (guint i = 0; i + 1 < self->entries->len; i++)
    {
      const Entry *other = g_ptr_array_index (self->entries, i);

      if (is_twice (other->info, entry->info))
        {
          g_autofree char *shown = g_filename_display_name (name);

          g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                       _("“%s” was named twice. Name each drive once."), shown);
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * valise_target_list_new:
 * @paths: (array zero-terminated=1): what was named
 * @new_size: the size of files that do not exist, in bytes; 0 where none are to be made
 * @sector_size: the size in bytes of the sectors of files; 0 for the usual one
 * @source: path of the image
 * @cancellable: ends what takes long
 * @error: where to put an error
 *
 * Looks at what was named and judges whether it may be erased. Changes nothing.
 *
 * Returns: (transfer full): the drives, or %NULL if one of them is refused
 */
ValiseTargetList *
valise_target_list_new (const char *const *paths,
                        guint64 new_size,
                        guint sector_size,
                        const char *source,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (ValiseTargetList) self = g_new0 (ValiseTargetList, 1);

  self->source = g_strdup (source);
  self->cancellable = g_object_ref (cancellable);
  self->new_size = new_size;
  self->sector_size = sector_size;
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  for (gsize i = 0; paths[i] != NULL; i++)
    if (!add (self, paths[i], error))
      return NULL;
  return g_steal_pointer (&self);
}

/**
 * valise_target_list_check_report:
 * @self: a list
 * @report: (nullable): path of a report that will be written
 * @error: where to put an error
 *
 * A drive is unmounted before it is written, and erased: no report can come to lie on it.
 *
 * Returns: whether it will lie elsewhere
 */
gboolean
valise_target_list_check_report (ValiseTargetList *self, const char *report, GError **error)
{
  g_autofree char *folder = report != NULL ? g_path_get_dirname (report) : NULL;

  for (guint i = 0; folder != NULL && i < self->entries->len; i++)
    {
      const ValiseDriveInfo *info = valise_target_list_get_info (self, i);
      g_autofree char *name = g_filename_display_name (info->path);

      if (info->kind != VALISE_DRIVE_KIND_BLOCK || !valise_drive_guard_is_on (info, folder))
        continue;
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   _("The report would lie on “%s”, which is to be erased. Choose another folder "
                     "for --report."),
                   name);
      return FALSE;
    }
  return TRUE;
}

/**
 * valise_target_list_get_n:
 * @self: a list
 *
 * Returns: how many drives were named
 */
guint
valise_target_list_get_n (ValiseTargetList *self)
{
  return self->entries->len;
}

/**
 * valise_target_list_get_info:
 * @self: a list
 * @index: a drive's index
 *
 * Returns: (transfer none): what it was before anything was done
 */
const ValiseDriveInfo *
valise_target_list_get_info (ValiseTargetList *self, guint index)
{
  return ((Entry *) g_ptr_array_index (self->entries, index))->info;
}

static void
append_survey (GString *text, const ValiseDriveSurvey *survey)
{
  for (gsize i = 0; survey->mounts[i] != NULL; i++)
    {
      g_autofree char *shown = g_filename_display_name (survey->mounts[i]);
      g_autofree char *folder = valise_text_clean (shown);

      /* Translators: %s is a folder. */
      g_string_append_printf (text, _("    is mounted on “%s”, will be unmounted\n"), folder);
    }
  for (gsize i = 0; survey->unlocked[i] != NULL; i++)
    {
      g_autofree char *device = valise_text_clean (survey->unlocked[i]);

      /* Translators: %s is a device such as “/dev/sdb1”. */
      g_string_append_printf (text, _("    is unlocked (%s is encrypted), will be locked\n"),
                              device);
    }
}

/**
 * valise_target_list_describe_losses:
 * @self: a list
 * @n_drives: (out): how many of the drives exist
 *
 * Returns: (transfer full): lines that name each drive that exists and what will be lost with it
 */
char *
valise_target_list_describe_losses (ValiseTargetList *self, guint *n_drives)
{
  GString *text = g_string_new (NULL);

  *n_drives = 0;
  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = g_ptr_array_index (self->entries, i);
      const ValiseDriveInfo *info = entry->info;
      g_autoptr (ValiseDriveContents) contents = NULL;
      g_autofree char *description = NULL;

      if (info->kind == VALISE_DRIVE_KIND_NONE)
        continue;
      contents = valise_drive_contents_read (info->path);
      description = valise_question_describe (
          info, contents->readable || entry->survey == NULL ? contents : entry->survey->contents);
      g_string_append (text, description);
      if (entry->survey != NULL)
        append_survey (text, entry->survey);
      ++*n_drives;
    }
  return g_string_free (text, FALSE);
}

/* What is open now must be what was looked at, and still nobody else's. */
static gboolean
check_again (ValiseTargetList *self, const Entry *entry, ValiseTarget *target, GError **error)
{
  g_autoptr (ValiseDriveInfo) now = valise_drive_info_read (entry->info->path, error);
  g_autofree char *name = g_filename_display_name (entry->info->path);

  if (now == NULL || !check_safe (self, now, error))
    return FALSE;
  if (valise_drive_info_is_same (entry->info, now)
      && valise_target_get_size (target) == entry->info->size)
    return TRUE;
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
               _("“%s” is not the drive any more that it was a moment ago. Look which drive it is, "
                 "and start again."),
               name);
  return FALSE;
}

static ValiseTarget *
open_leased (ValiseTargetList *self, Entry *entry, GError **error)
{
  g_autofree char *name = g_filename_display_name (entry->info->path);
  g_autoptr (ValiseTerminalAgent) agent = valise_terminal_agent_new ();
  int fd;

  entry->lease = valise_lease_wait_acquire (entry->info->path, entry->info->size,
                                            self->cancellable, error);
  fd = entry->lease != NULL ? valise_drive_lease_dup_fd (entry->lease, error) : -1;
  return fd >= 0 ? valise_target_new_for_fd (fd, name, error) : NULL;
}

static void
give_sectors (ValiseTargetList *self, ValiseTarget *target)
{
  if (self->sector_size != 0 && !valise_target_is_block_device (target))
    valise_target_set_sector_size (target, self->sector_size);
}

/**
 * valise_target_list_open:
 * @self: a list
 * @index: a drive's index
 * @error: where to put an error
 *
 * Opens the drive, or makes the file, and judges once more. Nothing is written yet.
 *
 * Returns: (transfer full): the open drive, or %NULL
 */
ValiseTarget *
valise_target_list_open (ValiseTargetList *self, guint index, GError **error)
{
  Entry *entry = g_ptr_array_index (self->entries, index);
  g_autoptr (ValiseTarget) target = NULL;
  struct stat status;

  if (entry->info->kind != VALISE_DRIVE_KIND_NONE)
    {
      target = entry->survey != NULL ? open_leased (self, entry, error)
                                     : valise_target_open (entry->info->path, error);
      if (target == NULL || !check_again (self, entry, target, error))
        return NULL;
      give_sectors (self, target);
      return g_steal_pointer (&target);
    }
  target = valise_target_open_new (entry->info->path, self->new_size, error);
  if (target == NULL)
    return NULL;
  give_sectors (self, target);
  if (stat (entry->info->path, &status) == 0)
    {
      entry->made = TRUE;
      entry->device = status.st_dev;
      entry->inode = status.st_ino;
    }
  return g_steal_pointer (&target);
}

/**
 * valise_target_list_release:
 * @self: a list
 * @index: the index of a drive, whose target is closed
 * @eject: whether to power the drive off
 * @error: where to put an error: a warning, as the drive is written
 *
 * Lets the drive go. A drive that is not leased cannot be powered off either.
 *
 * Returns: whether that was done
 */
gboolean
valise_target_list_release (ValiseTargetList *self, guint index, gboolean eject, GError **error)
{
  Entry *entry = g_ptr_array_index (self->entries, index);
  g_autoptr (ValiseDriveLease) lease = g_steal_pointer (&entry->lease);
  g_autofree char *name = g_filename_display_name (entry->info->path);

  if (lease != NULL)
    {
      g_autoptr (ValiseTerminalAgent) agent = eject ? valise_terminal_agent_new () : NULL;

      return valise_lease_wait_release (lease, eject, error);
    }
  if (!eject || entry->info->kind != VALISE_DRIVE_KIND_BLOCK)
    return TRUE;
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_UDISKS,
               _("“%s” was not ejected: the service udisks2, which could, does not answer."), name);
  return FALSE;
}

/**
 * valise_target_list_remove_new:
 * @self: a list
 * @index: a drive's index
 *
 * Removes the drive's file if it was made here, and is still there.
 */
void
valise_target_list_remove_new (ValiseTargetList *self, guint index)
{
  Entry *entry = g_ptr_array_index (self->entries, index);
  struct stat status;

  if (entry->made && stat (entry->info->path, &status) == 0 && status.st_dev == entry->device
      && status.st_ino == entry->inode)
    unlink (entry->info->path);
  entry->made = FALSE;
}
