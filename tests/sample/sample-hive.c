/* sample-hive.c: registry hives as a Windows image has them.
 *
 * hivex cannot make an empty hive, so one is laid out here by the published description of the
 * format (github.com/msuhanov/regf, "Windows registry file format specification"): a base block,
 * one bin, in it the root key, its security descriptor and a free cell. hivex does the rest. This
 * is written apart from the program's own template on purpose: a sample must not be right only
 * where the program is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sample-hive.h"

#include <errno.h>
#include <fcntl.h>
#include <hivex.h>
#include <string.h>
#include <unistd.h>

#include "sample-data.h"

#define EMPTY_HIVE_SIZE 8192
#define REG_SZ hive_t_string
#define REG_DWORD hive_t_dword
#define SAMPLE_TIME G_GUINT64_CONSTANT (132500000000000000) /* in November 2020 */

static void
put (guint8 *hive, gsize at, guint64 value, gsize size)
{
  for (gsize i = 0; i < size; i++)
    hive[at + i] = value >> (8 * i);
}

static void
build_empty_hive (guint8 hive[EMPTY_HIVE_SIZE])
{
  const gsize bin = 4096, root = bin + 0x20, root_size = 0x58, security = root + root_size;
  gsize sd_size, security_size, rest;
  const guint8 *sd = sample_security_descriptor (SAMPLE_SD_CONFIG, &sd_size);
  guint32 checksum = 0;

  memset (hive, 0, EMPTY_HIVE_SIZE);
  security_size = (4 + 20 + sd_size + 7) / 8 * 8;
  rest = security + security_size;

  memcpy (hive, "regf", 4);
  put (hive, 4, 1, 4);
  put (hive, 8, 1, 4);
  put (hive, 12, SAMPLE_TIME, 8);
  put (hive, 20, 1, 4); /* version 1.5 */
  put (hive, 24, 5, 4);
  put (hive, 32, 1, 4);
  put (hive, 36, root - bin, 4);
  put (hive, 40, EMPTY_HIVE_SIZE - bin, 4);
  put (hive, 44, 1, 4);
  for (gsize i = 0; i < 508; i += 4)
    checksum ^= hive[i] | hive[i + 1] << 8 | hive[i + 2] << 16 | (guint32) hive[i + 3] << 24;
  put (hive, 508, checksum, 4);

  memcpy (hive + bin, "hbin", 4);
  put (hive, bin + 8, EMPTY_HIVE_SIZE - bin, 4);
  put (hive, bin + 20, SAMPLE_TIME, 8);

  put (hive, root, (guint32) -(gint32) root_size, 4);
  memcpy (hive + root + 4, "nk", 2);
  put (hive, root + 6, 0x2c, 2); /* root, not to be deleted, name in one-byte characters */
  put (hive, root + 8, SAMPLE_TIME, 8);
  put (hive, root + 20, G_MAXUINT32, 4); /* parent */
  put (hive, root + 32, G_MAXUINT32, 4); /* subkeys, volatile subkeys */
  put (hive, root + 36, G_MAXUINT32, 4);
  put (hive, root + 44, G_MAXUINT32, 4); /* values */
  put (hive, root + 48, security - bin, 4);
  put (hive, root + 52, G_MAXUINT32, 4); /* class */
  put (hive, root + 76, 4, 2);
  memcpy (hive + root + 80, "ROOT", 4);

  put (hive, security, (guint32) -(gint32) security_size, 4);
  memcpy (hive + security + 4, "sk", 2);
  put (hive, security + 8, security - bin, 4);
  put (hive, security + 12, security - bin, 4);
  put (hive, security + 16, 1, 4);
  put (hive, security + 20, sd_size, 4);
  memcpy (hive + security + 24, sd, sd_size);

  put (hive, rest, EMPTY_HIVE_SIZE - rest, 4);
}

static void
set_value (hive_h *hive, const char *path, const char *name, hive_type type, const void *data,
           gsize size)
{
  g_auto (GStrv) parts = g_strsplit (path, "\\", -1);
  hive_node_h node = hivex_root (hive);
  hive_set_value value = { .key = (char *) name, .t = type, .len = size, .value = (char *) data };

  for (char **part = parts; *part != NULL; part++)
    {
      hive_node_h child = hivex_node_get_child (hive, node, *part);

      if (child == 0)
        child = hivex_node_add_child (hive, node, *part);
      if (child == 0)
        sample_fail ("hivex cannot add “%s”: %s", path, g_strerror (errno));
      node = child;
    }
  if (name != NULL && hivex_node_set_value (hive, node, &value, 0) != 0)
    sample_fail ("hivex cannot set “%s\\%s”: %s", path, name, g_strerror (errno));
}

static void
set_dword (hive_h *hive, const char *path, const char *name, guint32 value)
{
  value = GUINT32_TO_LE (value);
  set_value (hive, path, name, REG_DWORD, &value, sizeof value);
}

static void
set_string (hive_h *hive, const char *path, const char *name, const char *text)
{
  glong length;
  g_autofree gunichar2 *units = g_utf8_to_utf16 (text, -1, NULL, &length, NULL);

  set_value (hive, path, name, REG_SZ, units, (length + 1) * sizeof *units);
}

static void
fill_system (hive_h *hive, const SampleEdition *edition, guint n_filler)
{
  static const char *const values[] = { "Current", "Default", "LastKnownGood" };
  const char *arch = g_str_equal (edition->arch, "x86") ? "x86"
                     : g_str_equal (edition->arch, "arm64") ? "ARM64" : "AMD64";
  SampleRandom random = 3;

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    set_dword (hive, "Select", values[i], 1);
  set_dword (hive, "Select", "Failed", 0);
#define CONTROL "ControlSet001\\Control\\"
  set_string (hive, CONTROL "ComputerName\\ComputerName", "ComputerName", "WIN-SAMPLE");
  set_string (hive, CONTROL "Session Manager\\Environment", "PROCESSOR_ARCHITECTURE", arch);
  set_string (hive, CONTROL "Session Manager\\Environment", "OS", "Windows_NT");
  set_dword (hive, CONTROL "Session Manager\\Power", "HiberbootEnabled", 1);
  set_dword (hive, CONTROL "Session Manager\\Memory Management", "ClearPageFileAtShutdown", 0);
  set_string (hive, CONTROL "ProductOptions", "ProductType", "WinNT");
  set_string (hive, CONTROL "Nls\\Language", "InstallLanguage", "0409");
  set_dword (hive, CONTROL "Windows", "ErrorMode", 0);
  set_dword (hive, CONTROL "FileSystem", "LongPathsEnabled", 0);
  set_string (hive, "ControlSet001\\Services\\partmgr", "DisplayName", "Partition driver");
  set_dword (hive, "ControlSet001\\Services\\partmgr", "Start", 0);
  set_dword (hive, "ControlSet001\\Services\\partmgr\\Parameters", "SanPolicy", 1);
  set_dword (hive, "Setup", "SetupType", 2);
  set_dword (hive, "Setup", "SystemSetupInProgress", 1);
  set_string (hive, "Setup", "CmdLine", "windeploy.exe");
  set_value (hive, "MountedDevices", NULL, 0, NULL, 0);
  for (guint i = 0; i < n_filler; i++)
    {
      g_autofree char *path = g_strdup_printf ("ControlSet001\\Services\\service%04u", i);
      guint8 blob[300];

      sample_fill (blob, sizeof blob, SAMPLE_FILL_BINARY, &random);
      set_dword (hive, path, "Start", i % 5);
      set_string (hive, path, "ImagePath", "\\SystemRoot\\System32\\drivers\\filler.sys");
      set_value (hive, path, "Security", hive_t_binary, blob, sample_range (&random, 8, 300));
    }
}

static void
fill_software (hive_h *hive, const SampleEdition *edition)
{
#define NT "Microsoft\\Windows NT\\CurrentVersion"
  set_string (hive, NT, "ProductName", edition->product);
  set_string (hive, NT, "EditionID", edition->id);
  set_string (hive, NT, "InstallationType", "Client");
  set_string (hive, NT, "CurrentVersion", "6.3");
  set_string (hive, NT, "CurrentBuild", "22631");
  set_string (hive, NT, "CurrentBuildNumber", "22631");
  set_string (hive, NT, "DisplayVersion", "23H2");
  set_string (hive, NT, "SystemRoot", "C:\\Windows");
  set_dword (hive, NT, "CurrentMajorVersionNumber", 10);
  set_dword (hive, NT, "CurrentMinorVersionNumber", 0);
  set_dword (hive, NT, "UBR", 2428);
  set_dword (hive, "Microsoft\\Windows\\CurrentVersion\\OOBE", "SetupDisplayedEula", 0);
  set_string (hive, "Microsoft\\Windows\\CurrentVersion", "ProgramFilesDir", "C:\\Program Files");
  set_value (hive, "Policies\\Microsoft\\Windows", NULL, 0, NULL, 0);
}

/**
 * sample_hive_build:
 * @name: SYSTEM, SOFTWARE, SAM, SECURITY or DEFAULT
 * @edition: what the hive says about the product
 * @n_filler: number of made-up services, for size
 *
 * Returns: (transfer full): the hive file's bytes
 */
GBytes *
sample_hive_build (const char *name, const SampleEdition *edition, guint n_filler)
{
  guint8 empty[EMPTY_HIVE_SIZE];
  g_autofree char *path = NULL;
  char *contents;
  gsize size;
  hive_h *hive;
  int fd = g_file_open_tmp ("valise-sample-hive-XXXXXX", &path, NULL);

  build_empty_hive (empty);
  if (fd < 0 || write (fd, empty, sizeof empty) != sizeof empty || close (fd) != 0)
    sample_fail ("cannot write a temporary hive: %s", g_strerror (errno));
  hive = hivex_open (path, HIVEX_OPEN_WRITE);
  if (hive == NULL)
    sample_fail ("hivex refuses the empty hive: %s", g_strerror (errno));

  if (g_str_equal (name, "SYSTEM"))
    fill_system (hive, edition, n_filler);
  else if (g_str_equal (name, "SOFTWARE"))
    fill_software (hive, edition);
  else if (g_str_equal (name, "SAM"))
    set_value (hive, "SAM\\Domains\\Account\\Users\\Names", NULL, 0, NULL, 0);
  else if (g_str_equal (name, "SECURITY"))
    set_value (hive, "Policy\\Accounts", NULL, 0, NULL, 0);
  else
    set_string (hive, "Control Panel\\International", "Locale", "00000409");

  if (hivex_commit (hive, NULL, 0) != 0)
    sample_fail ("hivex cannot write “%s”: %s", name, g_strerror (errno));
  hivex_close (hive);
  if (!g_file_get_contents (path, &contents, &size, NULL))
    sample_fail ("cannot read the hive again");
  unlink (path);
  return g_bytes_new_take (contents, size);
}
