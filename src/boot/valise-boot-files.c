/* valise-boot-files.c: the boot managers that an image has, and which PCs start them.
 *
 * Responsible for what is known of Microsoft's boot managers, and for which of an image's is meant
 * by a choice. Firmware with Secure Boot starts one whose signer's authority it has in its list
 * “db”, unless that authority or the file itself is in “dbx”. By and by PCs get “Windows UEFI CA
 * 2023” into db; “Microsoft Windows Production PCA 2011” goes into dbx only where somebody asks for
 * it (KB5025885), and PCs may come that never had it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-boot-files.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"

/* Real ones have 1 to 3 MiB. */
#define LARGEST (32 * VALISE_MIB)

/**
 * valise_boot_file_paths: (skip)
 *
 * Where the boot managers are in an image, by #ValiseBootFileKind; %NULL at the end.
 */
const char *const valise_boot_file_paths[VALISE_N_BOOT_FILES + 1] = {
  "Windows/Boot/EFI/bootmgfw.efi",
  "Windows/Boot/EFI/bootmgr.efi",
  "Windows/Boot/EFI_EX/bootmgfw_EX.efi",
  "Windows/Boot/EFI_EX/bootmgr_EX.efi",
  "Windows/Boot/PCAT/bootmgr",
  NULL,
};

/* The updates of 9 May 2023, the first with protection from CVE-2023-24932: KB5026382, KB5026363,
 * KB5026362, KB5026361, KB5026370, KB5026368, KB5026372. Versions from @first to @last have one set
 * of files, with the number of the first. */
static const struct
{
  guint16 first, last;
  guint16 revision;
} fixed_builds[] = {
  { 10240, 10240, 19926 }, { 14393, 14393, 5921 }, { 17763, 17763, 4377 }, { 19041, 19045, 2965 },
  { 20348, 20348, 1726 },  { 22000, 22000, 1936 }, { 22621, 22631, 1702 },
};

/* The first build that came out after that, and not as a preview. */
#define FIRST_LATER_BUILD 25398

/**
 * valise_boot_age:
 * @version: (array fixed-size=4): a boot manager's version
 *
 * Returns: how old it is
 */
ValiseBootAge
valise_boot_age (const guint16 version[4])
{
  const guint build = version[2];

  if (version[0] != 10 || version[1] != 0 || build < 10240)
    return version[0] != 0 && version[0] < 10 ? VALISE_BOOT_AGE_VULNERABLE
                                              : VALISE_BOOT_AGE_UNKNOWN;
  for (guint i = 0; i < G_N_ELEMENTS (fixed_builds); i++)
    if (build >= fixed_builds[i].first && build <= fixed_builds[i].last)
      return version[3] >= fixed_builds[i].revision ? VALISE_BOOT_AGE_CURRENT
                                                    : VALISE_BOOT_AGE_VULNERABLE;
  if (build >= FIRST_LATER_BUILD)
    return VALISE_BOOT_AGE_CURRENT;
  /* Those between were out of support by then, the previews of 2022 and 2023 left aside. */
  return build < fixed_builds[G_N_ELEMENTS (fixed_builds) - 1].first ? VALISE_BOOT_AGE_VULNERABLE
                                                                     : VALISE_BOOT_AGE_UNKNOWN;
}

/* The entry of @folder called @name, in whatever letters. */
static char *
find_child (const char *folder, const char *name)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    if (g_ascii_strcasecmp (entry, name) == 0)
      return g_build_filename (folder, entry, NULL);
  return NULL;
}

/* A file of an extracted image, which may be anything: no link is followed, nothing waited for. */
static GBytes *
read_file (const char *folder, const char *path, guint64 *size)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  g_autofree char *at = g_strdup (folder);
  g_autofree guint8 *data = NULL;
  gsize done = 0;
  struct stat st;
  int fd;

  for (guint i = 0; parts[i] != NULL && at != NULL; i++)
    {
      g_autofree char *parent = g_steal_pointer (&at);

      if (lstat (parent, &st) == 0 && S_ISDIR (st.st_mode))
        at = find_child (parent, parts[i]);
    }
  fd = at != NULL ? open (at, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
  if (fd < 0)
    return NULL;
  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    {
      close (fd);
      return NULL;
    }
  *size = st.st_size;
  data = g_malloc (MIN (*size, LARGEST) + 1);
  while (done < MIN (*size, LARGEST))
    {
      ssize_t n = read (fd, data + done, MIN (*size, LARGEST) - done);

      if (n <= 0)
        break;
      done += n;
    }
  close (fd);
  return g_bytes_new_take (g_steal_pointer (&data), done);
}

static void
read_program (ValiseBootFile *self, GBytes *bytes)
{
  guint16 version[4];
  ValisePe pe;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  if (!valise_pe_parse (&pe, data, size))
    return;
  self->is_program = TRUE;
  self->is_efi = pe.is_efi;
  self->architecture = pe.architecture;
  valise_signature_read (&self->signature, &pe);
  if (!valise_pe_get_version (&pe, version))
    return;
  self->version
      = g_strdup_printf ("%u.%u.%u.%u", version[0], version[1], version[2], version[3]);
  self->age = valise_boot_age (version);
}

/**
 * valise_boot_files_read:
 * @folder: where files of an image were extracted to; its `Windows/Boot` is below it
 *
 * What is missing is said to be missing; nothing is an error. Blocks. Any thread.
 *
 * Returns: (transfer full): the boot managers in it
 */
ValiseBootFiles *
valise_boot_files_read (const char *folder)
{
  ValiseBootFiles *self = g_atomic_rc_box_new0 (ValiseBootFiles);

  for (guint i = 0; i < VALISE_N_BOOT_FILES; i++)
    {
      ValiseBootFile *file = &self->files[i];
      g_autoptr (GBytes) bytes = read_file (folder, valise_boot_file_paths[i], &file->size);

      file->exists = bytes != NULL;
      if (bytes != NULL && i != VALISE_BOOT_FILE_BIOS)
        read_program (file, bytes);
    }
  return self;
}

static void
clear (gpointer data)
{
  ValiseBootFiles *self = data;

  for (guint i = 0; i < VALISE_N_BOOT_FILES; i++)
    {
      g_free (self->files[i].version);
      valise_signature_clear (&self->files[i].signature);
    }
}

/**
 * valise_boot_files_ref:
 * @self: boot managers
 *
 * Returns: (transfer full): @self
 */
ValiseBootFiles *
valise_boot_files_ref (ValiseBootFiles *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * valise_boot_files_unref:
 * @self: (transfer full): boot managers
 */
void
valise_boot_files_unref (ValiseBootFiles *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

/**
 * valise_boot_files_get_folder:
 * @self: an image's boot managers
 * @wanted: which one was chosen
 *
 * Images may have come to have only the one of 2023, in the usual place.
 *
 * Returns: where in the image the one that is meant lies: %VALISE_BOOT_MANAGER_2011 for `EFI`,
 *   %VALISE_BOOT_MANAGER_2023 for `EFI_EX`
 */
ValiseBootManager
valise_boot_files_get_folder (const ValiseBootFiles *self, ValiseBootManager wanted)
{
  return wanted == VALISE_BOOT_MANAGER_2023 && self->files[VALISE_BOOT_FILE_UEFI_EX].exists
             ? VALISE_BOOT_MANAGER_2023
             : VALISE_BOOT_MANAGER_2011;
}

/**
 * valise_boot_files_choose:
 * @self: an image's boot managers
 * @wanted: which one was chosen
 *
 * Returns: (transfer none): the boot manager for UEFI that a drive gets
 */
const ValiseBootFile *
valise_boot_files_choose (const ValiseBootFiles *self, ValiseBootManager wanted)
{
  return valise_boot_files_get_folder (self, wanted) == VALISE_BOOT_MANAGER_2023
             ? &self->files[VALISE_BOOT_FILE_UEFI_EX]
             : &self->files[VALISE_BOOT_FILE_UEFI];
}

/**
 * valise_boot_files_check:
 * @self: an image's boot managers
 * @wanted: which one was chosen
 * @architecture: the edition's
 * @error: where to put an error of %VALISE_PLAN_ERROR or %VALISE_SOURCE_ERROR
 *
 * Refuses what cannot start anywhere: a boot manager that is not there, or for another processor.
 *
 * Returns: whether a drive can be made with it
 */
gboolean
valise_boot_files_check (const ValiseBootFiles *self,
                         ValiseBootManager wanted,
                         const char *architecture,
                         GError **error)
{
  const ValiseBootFile *file = valise_boot_files_choose (self, wanted);

  if (wanted == VALISE_BOOT_MANAGER_2023 && !self->files[VALISE_BOOT_FILE_UEFI_EX].exists
      && file->signature.ca != VALISE_SIGNING_CA_2023)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("The image has no boot manager that is signed with the certificate of 2023. "
                   "Choose the one of 2011, or a newer image."));
  else if (file->is_program && !g_str_equal (file->architecture, "unknown")
           && !g_str_equal (architecture, "unknown")
           && !g_str_equal (file->architecture, architecture))
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
                 /* Translators: two names such as “amd64”. */
                 _("The image’s boot manager is for “%s”, but its Windows for “%s”. Use a complete "
                   "image of Windows."),
                 file->architecture, architecture);
  else
    return TRUE;
  return FALSE;
}

/**
 * valise_boot_file_state:
 * @file: a boot manager that exists
 *
 * Returns: (transfer none): in one word for programs, what was found out about its signature
 */
const char *
valise_boot_file_state (const ValiseBootFile *file)
{
  static const char *const words[] = { "unsigned", "damaged", "unsupported", "signed" };

  return file->is_program ? words[file->signature.state] : "unreadable";
}
