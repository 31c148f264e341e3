/* valise-esp.c: what is on the partition that firmware starts from.
 *
 * Responsible for which files of the image go where. The list is made completely before anything is
 * copied; names are compared as FAT does it, without regard to case. The folder comes out of an
 * image, so its links are not followed and its names are looked at.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-esp.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/valise-error.h"
#include "valise-bios.h"
#include "valise-mtools.h"

#define BOOT_FOLDER "/EFI/Microsoft/Boot"
#define FALLBACK_FOLDER "/EFI/Boot"
#define BIOS_FOLDER "/Boot"

#define MAX_FILES 4096 /* real images have some 250 */
#define MAX_DEPTH 8
#define MAX_BATCH 128 /* files in one call of mcopy */

#define FAT_FIRST_TIME G_GINT64_CONSTANT (315532800) /* 1980-01-01 */
#define FAT_LAST_TIME G_GINT64_CONSTANT (4354819198) /* 2107-12-31 */

typedef struct
{
  char *folder; /* on the partition, from the root */
  char *name;
  char *source;
} File;

typedef struct
{
  GHashTable *files;   /* folded path → File */
  GHashTable *folders; /* folded path → path as it is made */
} Plan;

static void
file_free (gpointer data)
{
  File *file = data;

  g_free (file->folder);
  g_free (file->name);
  g_free (file->source);
  g_free (file);
}

static void
plan_clear (Plan *plan)
{
  g_hash_table_unref (plan->files);
  g_hash_table_unref (plan->folders);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, plan_clear)

static gboolean
set_bad_file (const char *path, const char *why, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
               /* Translators: a path, and one of the reasons that follow. */
               _ ("“%s”, one of the image’s boot files, cannot be used: %s. Use another image."),
               shown, why);
  return FALSE;
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The names in @folder in a fixed order, or NULL. */
static GPtrArray *
list_names (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &cause);
  const char *name;

  if (dir == NULL)
    {
      set_bad_file (folder, cause->message, error);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (names->len < MAX_FILES)
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_strings);
  return g_steal_pointer (&names);
}

static char *
fold (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);

  return g_utf8_casefold (valid, -1);
}

/* The path of @wanted in @folder, in whatever case it is there; NULL where it is not there as a
 * file or folder of its own. */
static char *
find_child (const char *folder, const char *wanted, mode_t type)
{
  g_autoptr (GPtrArray) names = list_names (folder, NULL);
  g_autofree char *folded = fold (wanted);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *name = fold (names->pdata[i]);
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
      struct stat st;

      if (g_str_equal (name, folded) && lstat (path, &st) == 0 && (st.st_mode & S_IFMT) == type)
        return g_steal_pointer (&path);
    }
  return NULL;
}

static gboolean
check_name (const char *path, const char *name, GError **error)
{
  const gsize length = strlen (name);
  gboolean good = g_utf8_validate (name, -1, NULL) && g_utf8_strlen (name, -1) <= 127;

  for (const char *p = name; good && *p != '\0'; p++)
    good = (guchar)*p >= 0x20 && strchr ("\"*/:<>?\\|", *p) == NULL;
  if (good && length > 0 && name[length - 1] != '.' && name[length - 1] != ' ')
    return TRUE;
  return set_bad_file (path, _ ("its name is not possible on an EFI partition"), error);
}

/* The folder as it was named first, or @folder from now on. */
static const char *
intern_folder (Plan *plan, const char *folder)
{
  g_autofree char *folded = fold (folder);
  const char *known = g_hash_table_lookup (plan->folders, folded);

  if (known == NULL)
    {
      char *copy = g_strdup (folder);

      g_hash_table_insert (plan->folders, g_steal_pointer (&folded), copy);
      known = copy;
    }
  return known;
}

/* What comes later replaces what is there. */
static gboolean
add_file (Plan *plan, const char *folder, const char *name, const char *source, GError **error)
{
  File *file = g_new0 (File, 1);
  g_autofree char *target = g_strconcat (folder, "/", name, NULL);

  file->folder = g_strdup (intern_folder (plan, folder));
  file->name = g_strdup (name);
  file->source = g_strdup (source);
  g_hash_table_replace (plan->files, fold (target), file);
  if (g_hash_table_size (plan->files) + g_hash_table_size (plan->folders) <= MAX_FILES)
    return TRUE;
  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
               _ ("The image has more than %d boot files. Use another image."), MAX_FILES);
  return FALSE;
}

/* “bootmgfw_EX.efi” is “bootmgfw.efi” on the drive. */
static char *
strike_ex (const char *name)
{
  const char *dot = strrchr (name, '.');
  const gsize length = dot != NULL ? (gsize)(dot - name) : strlen (name);

  if (length <= 3 || g_ascii_strncasecmp (name + length - 3, "_EX", 3) != 0)
    return g_strdup (name);
  return g_strdup_printf ("%.*s%s", (int)length - 3, name, dot != NULL ? dot : "");
}

static gboolean
add_tree (Plan *plan,
          const char *source,
          const char *target,
          gboolean strike,
          guint depth,
          GError **error)
{
  g_autoptr (GPtrArray) names = list_names (source, error);
  const char *folder;

  if (names == NULL)
    return FALSE;
  if (depth > MAX_DEPTH)
    return set_bad_file (source, _ ("it is too deep in folders"), error);
  folder = intern_folder (plan, target);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *path = g_build_filename (source, name, NULL);
      g_autofree char *as = strike ? strike_ex (name) : g_strdup (name);
      struct stat st;

      if (!check_name (path, as, error))
        return FALSE;
      if (lstat (path, &st) != 0)
        return set_bad_file (path, g_strerror (errno), error);
      if (S_ISDIR (st.st_mode))
        {
          g_autofree char *below = g_strconcat (folder, "/", name, NULL);

          if (!add_tree (plan, path, below, strike, depth + 1, error))
            return FALSE;
        }
      else if (!S_ISREG (st.st_mode))
        {
          return set_bad_file (path, _ ("it is neither a file nor a folder"), error);
        }
      /* It revokes older boot managers: who wants that puts it there knowingly. */
      else if (g_ascii_strcasecmp (name, "SkuSiPolicy.p7b") != 0 &&
               !add_file (plan, folder, as, path, error))
        {
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
add_folder (Plan *plan,
            const char *boot_folder,
            const char *name,
            const char *target,
            gboolean strike,
            GError **error)
{
  g_autofree char *source = find_child (boot_folder, name, S_IFDIR);

  if (source == NULL)
    {
      g_debug ("the image has no Boot\\%s", name);
      return TRUE;
    }
  return add_tree (plan, source, target, strike, 0, error);
}

/* Finds out early whether there is what was asked for, with an error that says so. */
static gboolean
check_boot_manager (const char *boot_folder, ValiseBootManager boot_manager, GError **error)
{
  const gboolean is_2023 = boot_manager == VALISE_BOOT_MANAGER_2023;
  g_autofree char *folder = find_child (boot_folder, is_2023 ? "EFI_EX" : "EFI", S_IFDIR);
  g_autofree char *file = NULL;

  if (folder != NULL)
    file = find_child (folder, is_2023 ? "bootmgfw_EX.efi" : "bootmgfw.efi", S_IFREG);
  if (file != NULL)
    return TRUE;
  if (is_2023)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _ ("The image has no boot manager that is signed with the certificate of 2023. "
                    "Choose the one of 2011, or a newer image."));
  else
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
                 _ ("The image has no boot manager for UEFI (Windows\\Boot\\EFI\\bootmgfw.efi). "
                    "Use a complete image of Windows."));
  return FALSE;
}

/* The name under which firmware looks for something to start (UEFI specification, 3.5.1.1). */
static const char *
get_fallback_name (const char *architecture, GError **error)
{
  static const char *const names[][2] = {
    { "amd64", "bootx64.efi" },
    { "arm64", "bootaa64.efi" },
    { "x86", "bootia32.efi" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (architecture, names[i][0]) == 0)
      return names[i][1];
  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
               _ ("Valise does not know how PCs of the image’s architecture, “%s”, start. Use an "
                  "image for amd64, arm64 or x86."),
               architecture != NULL ? architecture : "");
  return NULL;
}

/* Moves a file of the folder for BIOS to where GRUB, and Windows, look for it. */
static gboolean
move_to_root (Plan *plan, const char *name, GError **error)
{
  g_autofree char *path = g_strconcat (BIOS_FOLDER "/", name, NULL);
  g_autofree char *key = fold (path);
  const File *file = g_hash_table_lookup (plan->files, key);
  g_autofree char *source = NULL;

  if (file == NULL)
    return TRUE;
  source = g_strdup (file->source);
  g_hash_table_remove (plan->files, key);
  return add_file (plan, "", name, source, error);
}

/* What bootmgr needs: of its folder in the image, itself and BOOTNXT are in the root. */
static gboolean
add_bios (Plan *plan, const char *boot_folder, const char *architecture, GError **error)
{
  g_autofree char *key = fold ("/bootmgr");
  const File *manager;
  struct stat st;

  intern_folder (plan, BIOS_FOLDER);
  if (!add_folder (plan, boot_folder, "PCAT", BIOS_FOLDER, FALSE, error)
      || !move_to_root (plan, "bootmgr", error) || !move_to_root (plan, "BOOTNXT", error)
      || !add_folder (plan, boot_folder, "Fonts", BIOS_FOLDER "/Fonts", FALSE, error)
      || !add_folder (plan, boot_folder, "Resources", BIOS_FOLDER "/Resources", FALSE, error))
    return FALSE;
  manager = g_hash_table_lookup (plan->files, key);
  if (manager != NULL && lstat (manager->source, &st) != 0)
    return set_bad_file (manager->source, g_strerror (errno), error);
  return valise_bios_check_bootmgr (architecture, manager != NULL,
                                    manager != NULL ? st.st_size : 0, error);
}

static gboolean
make_plan (Plan *plan,
           const char *boot_folder,
           const char *architecture,
           ValiseBootManager boot_manager,
           gboolean for_bios,
           GError **error)
{
  const char *fallback = get_fallback_name (architecture, error);
  const File *manager;
  g_autofree char *key = fold (BOOT_FOLDER "/bootmgfw.efi");

  if (fallback == NULL || !check_boot_manager (boot_folder, boot_manager, error))
    return FALSE;
  intern_folder (plan, "/EFI");
  intern_folder (plan, FALLBACK_FOLDER);
  intern_folder (plan, "/EFI/Microsoft");
  if (!add_folder (plan, boot_folder, "EFI", BOOT_FOLDER, FALSE, error) ||
      !add_folder (plan, boot_folder, "Fonts", BOOT_FOLDER "/Fonts", FALSE, error) ||
      !add_folder (plan, boot_folder, "Resources", BOOT_FOLDER "/Resources", FALSE, error))
    return FALSE;
  if (boot_manager == VALISE_BOOT_MANAGER_2023 &&
      (!add_folder (plan, boot_folder, "EFI_EX", BOOT_FOLDER, TRUE, error) ||
       !add_folder (plan, boot_folder, "Fonts_EX", BOOT_FOLDER "/Fonts", TRUE, error)))
    return FALSE;

  if (for_bios && !add_bios (plan, boot_folder, architecture, error))
    return FALSE;
  manager = g_hash_table_lookup (plan->files, key);
  g_return_val_if_fail (manager != NULL, FALSE);
  return add_file (plan, FALLBACK_FOLDER, fallback, manager->source, error);
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  const File *left = *(File *const *)a;
  const File *right = *(File *const *)b;
  int result = strcmp (left->folder, right->folder);

  return result != 0 ? result : strcmp (left->name, right->name);
}

static GPtrArray *
get_values (GHashTable *table, GCompareFunc compare)
{
  GPtrArray *values = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (values, value);
  g_ptr_array_sort (values, compare);
  return values;
}

static gboolean
make_folders (const Plan *plan, const ValiseMtools *tools, GError **error)
{
  /* Sorted, a folder comes before what is in it. */
  g_autoptr (GPtrArray) folders = get_values (plan->folders, compare_strings);

  for (guint i = 0; i < folders->len; i++)
    if (*(const char *)folders->pdata[i] != '\0' && /* the root is there */
        !valise_mtools_make_folder (tools, folders->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* Copies files whose names stay, many at a time, and others singly. */
static gboolean
copy_files (const Plan *plan, const ValiseMtools *tools, GError **error)
{
  g_autoptr (GPtrArray) files = get_values (plan->files, compare_files);

  for (guint i = 0; i < files->len;)
    {
      const File *first = files->pdata[i];
      g_autoptr (GPtrArray) batch = g_ptr_array_new ();
      g_autofree char *target = NULL;

      for (; i < files->len && batch->len < MAX_BATCH; i++)
        {
          const File *file = files->pdata[i];
          const char *own_name = strrchr (file->source, '/') + 1;

          if (!g_str_equal (file->folder, first->folder) || !g_str_equal (file->name, own_name))
            break;
          g_ptr_array_add (batch, file->source);
        }
      if (batch->len > 0)
        {
          target = g_strconcat (first->folder, "/", NULL);
        }
      else
        {
          target = g_strconcat (first->folder, "/", first->name, NULL);
          g_ptr_array_add (batch, first->source);
          i++;
        }
      g_ptr_array_add (batch, NULL);
      if (!valise_mtools_copy (tools, (const char *const *)batch->pdata, target, TRUE, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
copy_bcd (GBytes *bcd,
          const char *target,
          ValiseScratch *scratch,
          const ValiseMtools *tools,
          GError **error)
{
  g_autofree char *path = valise_scratch_build_path (scratch, "esp-bcd");
  const char *const sources[] = { path, NULL };
  g_autoptr (GError) cause = NULL;
  gboolean ok;

  if (!g_file_set_contents_full (path, g_bytes_get_data (bcd, NULL), g_bytes_get_size (bcd),
                                 G_FILE_SET_CONTENTS_NONE, 0600, &cause))
    {
      g_set_error (error, VALISE_SYSTEM_ERROR,
                   g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOSPC)
                       ? VALISE_SYSTEM_ERROR_NO_SPACE
                       : VALISE_SYSTEM_ERROR_FAILED,
                   _ ("The temporary file “%s” cannot be made: %s. See that there is space in the "
                      "folder for temporary files."),
                   path, cause->message);
      return FALSE;
    }
  ok = valise_mtools_copy (tools, sources, target, FALSE, error);
  g_unlink (path);
  return ok;
}

/**
 * valise_esp_compose:
 * @esp_path: a file with an empty FAT32 file system
 * @boot_folder: the image's folder `Windows\Boot`, extracted
 * @architecture: the image's architecture: amd64, arm64 or x86
 * @boot_manager: which boot manager to take
 * @bcd: the boot configuration, of valise_bcd_build()
 * @bios_bcd: (nullable): the one for bootmgr, where BIOS is to start from the partition, too
 * @scratch: where to make temporary files
 * @cancellable: (nullable): ends it early
 * @error: where to put an error
 *
 * Puts the image's boot files and @bcd where firmware and boot manager look for them. The same
 * files with the same dates give the same bytes; folders and the BCD get the boot manager's date.
 *
 * Errors: %VALISE_PLAN_ERROR_INVALID where the image lacks the boot manager of 2023, or one that
 * BIOS can start, %VALISE_SOURCE_ERROR where it lacks the other one or its files are odd,
 * %VALISE_SYSTEM_ERROR_NO_SPACE where the files do not fit, %VALISE_SYSTEM_ERROR_PROGRAM_MISSING
 * without mtools, others of %VALISE_SYSTEM_ERROR, and %G_IO_ERROR_CANCELLED. After an error, the
 * file system holds a part of the files.
 *
 * Blocks. Any thread; one at a time in a @scratch.
 *
 * Returns: whether everything is in place
 */
gboolean
valise_esp_compose (const char *esp_path,
                    const char *boot_folder,
                    const char *architecture,
                    ValiseBootManager boot_manager,
                    GBytes *bcd,
                    GBytes *bios_bcd,
                    ValiseScratch *scratch,
                    GCancellable *cancellable,
                    GError **error)
{
  g_auto (Plan) plan = {
    .files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, file_free),
    .folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
  };
  g_autofree char *image = g_canonicalize_filename (esp_path, NULL);
  g_autofree char *folder = g_canonicalize_filename (boot_folder, NULL);
  ValiseMtools tools = {
    .image = image,
    .home = valise_scratch_get_path (scratch),
    .cancellable = cancellable,
  };
  g_autofree char *key = fold (BOOT_FOLDER "/bootmgfw.efi");
  const File *manager;
  struct stat st;

  if (!make_plan (&plan, folder, architecture, boot_manager, bios_bcd != NULL, error))
    return FALSE;
  manager = g_hash_table_lookup (plan.files, key);
  if (lstat (manager->source, &st) != 0)
    return set_bad_file (manager->source, g_strerror (errno), error);
  tools.time = CLAMP ((gint64)st.st_mtime, FAT_FIRST_TIME, FAT_LAST_TIME);
  return make_folders (&plan, &tools, error) && copy_files (&plan, &tools, error) &&
         copy_bcd (bcd, BOOT_FOLDER "/BCD", scratch, &tools, error) &&
         (bios_bcd == NULL || copy_bcd (bios_bcd, BIOS_FOLDER "/BCD", scratch, &tools, error));
}
