/* valise-offline-registry.c: the registry of a Windows that does not run yet.
 *
 * Responsible for what a portable Windows must have in its SYSTEM hive. The hive comes out of an
 * image: it is looked at before hivex gets it, and looked at again after it was written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-offline-registry.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-hive.h"

#define BASE_SIZE 4096 /* what stands before the first bin */
#define SMALLEST_SIZE (2 * BASE_SIZE)
#define LARGEST_SIZE (512 * VALISE_MIB) /* hivex holds all of it; real ones have 10 to 30 MiB */

/* From this size on Windows keeps a value in pieces, which hivex reads, but does not write. */
#define LARGEST_VALUE 16344

typedef struct
{
  const char *key; /* below the control set */
  const char *name;
  guint32 value;
} Setting;

static const Setting settings[] = {
  /* Disks of the PC stay offline (4: all internal ones), so that nothing there is changed. */
  { "Services\\partmgr\\Parameters", "SanPolicy", 4 },
  /* Windows 11 must not encrypt itself with the key in one PC's TPM. */
  { "Control\\BitLocker", "PreventDeviceEncryption", 1 },
  /* A shutdown must end Windows; the next start is on another PC. */
  { "Control\\Session Manager\\Power", "HiberbootEnabled", 0 },
};

static guint32
get32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_LE (value);
}

static gboolean
set_corrupt (GError **error)
{
  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
               _ ("The image’s registry (Windows\\System32\\config\\SYSTEM) is damaged. Use "
                  "another image."));
  return FALSE;
}

static gboolean
set_system_error (const char *path, int error_number, GError **error)
{
  g_set_error (error, VALISE_SYSTEM_ERROR,
               error_number == ENOSPC   ? VALISE_SYSTEM_ERROR_NO_SPACE
               : error_number == ENOMEM ? VALISE_SYSTEM_ERROR_NO_MEMORY
                                        : VALISE_SYSTEM_ERROR_FAILED,
               /* Translators: a file's path, and what the system said. */
               _ ("The image’s registry cannot be changed in the temporary file “%s”: %s. See that "
                  "there is space in the folder for temporary files."),
               path, g_strerror (error_number));
  return FALSE;
}

/* The hive's base block: “Windows registry file format specification”, github.com/msuhanov/regf. */
static gboolean
check_base (const guint8 *base, guint64 size, GError **error)
{
  const guint64 bins_size = get32 (base + 40);
  guint32 checksum = 0;

  for (guint i = 0; i < 508; i += 4)
    checksum ^= get32 (base + i);
  checksum = checksum == 0 ? 1 : checksum == G_MAXUINT32 ? G_MAXUINT32 - 1 : checksum;
  if (memcmp (base, "regf", 4) != 0 || bins_size == 0 || bins_size % BASE_SIZE != 0 ||
      bins_size + BASE_SIZE > size || get32 (base + 508) != checksum)
    return set_corrupt (error);

  if (get32 (base + 4) != get32 (base + 8))
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
                   _ ("The image’s registry has changes that are only in its log, because the "
                      "Windows in it was not shut down. Start that Windows once, shut it down, and "
                      "capture the image again."));
      return FALSE;
    }
  return TRUE;
}

/* Before hivex sees the file: a size that it can take, and a hive that was closed properly. */
static gboolean
check_file (const char *path, GError **error)
{
  guint8 base[BASE_SIZE];
  struct stat st;
  ssize_t n = -1;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  int error_number = 0;

  if (fd < 0 && errno == ENOENT)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_A_SYSTEM,
                   _ ("The image has no registry (Windows\\System32\\config\\SYSTEM). Use a "
                      "complete image of Windows."));
      return FALSE;
    }
  if (fd < 0 || fstat (fd, &st) != 0 ||
      (S_ISREG (st.st_mode) && (n = read (fd, base, sizeof base)) < 0))
    error_number = errno;
  if (fd >= 0)
    close (fd);
  if (error_number != 0)
    return set_system_error (path, error_number, error);
  if (!S_ISREG (st.st_mode) || n != sizeof base || st.st_size < SMALLEST_SIZE ||
      (guint64)st.st_size > LARGEST_SIZE)
    return set_corrupt (error);
  return check_base (base, st.st_size, error);
}

/* The control set that Windows starts with: `Select\Current`, or else `Default`. */
static hive_node_h
find_control_set (hive_h *hive)
{
  static const char *const names[] = { "Current", "Default" };
  hive_node_h select = valise_hive_find (hive, hivex_root (hive), "Select");

  for (guint i = 0; select != 0 && i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = NULL;
      hive_node_h node;
      guint32 number;

      if (!valise_hive_get_dword (hive, select, names[i], &number) || number < 1 || number > 999)
        continue;
      name = g_strdup_printf ("ControlSet%03u", number);
      node = valise_hive_find (hive, hivex_root (hive), name);
      if (node != 0)
        return node;
    }
  return 0;
}

/* hivex writes all values of a key anew when one is set: can it? */
static gboolean
check_values (hive_h *hive, hive_node_h node)
{
  g_autofree hive_value_h *values = hivex_node_values (hive, node);

  for (guint i = 0; values != NULL && values[i] != 0; i++)
    {
      hive_type type;
      gsize size;

      if (hivex_value_type (hive, values[i], &type, &size) != 0 || size > LARGEST_VALUE)
        return FALSE;
    }
  return values != NULL;
}

static gboolean
has_setting (hive_h *hive, hive_node_h control_set, const Setting *setting)
{
  hive_node_h node = valise_hive_find (hive, control_set, setting->key);
  guint32 value;

  return node != 0 && valise_hive_get_dword (hive, node, setting->name, &value) &&
         value == setting->value;
}

static gboolean
apply_setting (hive_h *hive, hive_node_h control_set, const Setting *setting, GError **error)
{
  const guint32 number = GUINT32_TO_LE (setting->value);
  const hive_set_value value = {
    .key = (char *)setting->name,
    .t = hive_t_dword,
    .len = sizeof number,
    .value = (char *)&number,
  };
  hive_node_h node;

  if (has_setting (hive, control_set, setting))
    return TRUE;
  node = valise_hive_make (hive, control_set, setting->key);
  if (node != 0 && check_values (hive, node) && hivex_node_set_value (hive, node, &value, 0) == 0)
    return TRUE;
  if (errno == ENOMEM)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_MEMORY,
                 _ ("There is not enough memory to change the image’s registry. Close other "
                    "programs and try again."));
  else
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
                 /* Translators: a key and a value of Windows' registry. */
                 _ ("“%s\\%s” cannot be set in the image’s registry, which may be damaged. Use "
                    "another image."),
                 setting->key, setting->name);
  return FALSE;
}

static hive_h *
open_hive (const char *path, int flags, GError **error)
{
  hive_h *hive = hivex_open (path, flags);

  if (hive == NULL && errno != ENOTSUP && errno != EINVAL && errno != EFAULT)
    set_system_error (path, errno, error);
  else if (hive == NULL)
    set_corrupt (error);
  return hive;
}

static gboolean
edit (const char *path, GError **error)
{
  g_autoptr (hive_h) hive = open_hive (path, HIVEX_OPEN_WRITE, error);
  hive_node_h control_set;

  if (hive == NULL)
    return FALSE;
  control_set = find_control_set (hive);
  if (control_set == 0)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_A_SYSTEM,
                   _ ("The image’s registry does not say what Windows starts with (Select\\Current "
                      "in Windows\\System32\\config\\SYSTEM). Use a complete image of Windows."));
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (!apply_setting (hive, control_set, &settings[i], error))
      return FALSE;
  if (hivex_commit (hive, NULL, 0) != 0)
    return set_system_error (path, errno, error);
  return TRUE;
}

static gboolean
verify (const char *path, GError **error)
{
  g_autoptr (hive_h) hive = hivex_open (path, 0);
  hive_node_h control_set = hive != NULL ? find_control_set (hive) : 0;
  gboolean good = control_set != 0;

  for (guint i = 0; good && i < G_N_ELEMENTS (settings); i++)
    good = has_setting (hive, control_set, &settings[i]);
  if (!good)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                 _ ("The library hivex has not written the registry as it was asked to. Please "
                    "report this."));
  return good;
}

/**
 * valise_offline_registry_make_portable:
 * @system_hive_path: a copy of an image's `Windows\System32\config\SYSTEM`, changed in place
 * @error: where to put an error
 *
 * Sets what a Windows on a portable drive needs: the PC's own disks stay offline, no encryption by
 * itself, no fast start. Keys that are missing are made; the other values of a key stay as they
 * are. What was written is read again.
 *
 * Errors: %VALISE_SOURCE_ERROR_CORRUPT for what is no hive, %VALISE_SOURCE_ERROR_UNSUPPORTED for
 * one that was not closed (what is missing is in its log) or that hivex cannot change,
 * %VALISE_SOURCE_ERROR_NOT_A_SYSTEM where there is none or it names no control set, and those of
 * %VALISE_SYSTEM_ERROR. After an error of %VALISE_SYSTEM_ERROR the file is of no use.
 *
 * Blocks. Any thread; one at a time for a file.
 *
 * Returns: whether everything is set
 */
gboolean
valise_offline_registry_make_portable (const char *system_hive_path, GError **error)
{
  return check_file (system_hive_path, error) && edit (system_hive_path, error) &&
         verify (system_hive_path, error);
}
