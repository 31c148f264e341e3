/* test-disc.c: image files are found in ISOs, whole, and read where they are or as a copy.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "fake-udisks.h"
#include "image-tools.h"
#include "image/valise-disc.h"

/* Makes @name.iso with genisoimage; the arguments are files, each followed by its place in it. */
static char *
make_iso (const char *name, const char *option, const char *label, ...)
{
  g_autofree char *staging = own_path (name);
  char *path = g_strconcat (staging, ".iso", NULL);
  g_autofree char *said = NULL;
  const char *from;
  va_list args;

  va_start (args, label);
  while ((from = va_arg (args, const char *)) != NULL)
    {
      g_autofree char *sample = sample_path (from);
      g_autofree char *to = g_build_filename (staging, va_arg (args, const char *), NULL);
      g_autofree char *parent = g_path_get_dirname (to);

      g_assert_no_errno (g_mkdir_with_parents (parent, 0755));
      copy_part (sample, to, -1);
    }
  va_end (args);
  said = run_tool ("genisoimage", "-quiet", option, "-iso-level", "3", "-J", "-V", label, "-o",
                   path, staging, NULL);
  return path;
}

/* How many entries the scratch folder has, its lock aside. */
static guint
count_scratch (void)
{
  g_autoptr (GDir) dir = g_dir_open (valise_scratch_get_path (tools.scratch), 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n - 1;
}

/* What lies in the ISO, said by isoinfo, is what is found, and what the extents hold. */
static void
test_finds (void)
{
  g_autofree char *iso = sample_path ("sample.iso");
  g_autofree char *theirs = own_path ("theirs.wim");
  g_autofree char *folder = own_path ("finds");
  g_autofree char *ours = g_build_filename (folder, "install.wim", NULL);
  g_autofree char *said = NULL;
  g_autofree char *compared = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDisc) disc = valise_disc_open (iso, NULL, &error);
  const ValiseDiscFile *file;

  g_assert_no_error (error);
  g_assert_cmpstr (disc->folder, ==, "sources");
  g_assert_cmpuint (disc->files->len, ==, 1);
  file = g_ptr_array_index (disc->files, 0);
  g_assert_cmpstr (file->name, ==, "install.wim");
  g_assert_cmpuint (file->extents->len, ==, 1);

  said = run_tool ("sh", "-c", "isoinfo -J -i \"$0\" -x /sources/install.wim > \"$1\"", iso, theirs,
                   NULL);
  g_assert_no_errno (g_mkdir (folder, 0700));
  g_assert_true (valise_disc_copy (disc, folder, tools.scratch, NULL, NULL, &error));
  g_assert_no_error (error);
  compared = run_tool ("cmp", ours, theirs, NULL);
}

/* Without udisks2: copied, and gone with the source. */
static void
test_copied (void)
{
  g_autofree char *iso = sample_path ("sample.iso");
  g_autofree char *sum = run_tool ("sha256sum", iso, NULL);
  g_autofree char *hash = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseProgress) progress = valise_progress_new ();
  static const ValiseProgressStep step = { "open", 1 };
  ValiseProgressState state;
  ValiseSource *source;
  GStatBuf st;

  valise_progress_set_steps (progress, &step, 1);
  g_assert_cmpuint (count_scratch (), ==, 0);
  source = valise_source_open (iso, tools.scratch, progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_scratch (), ==, 1);
  valise_progress_get_state (progress, &state);
  g_assert_cmpuint (state.total, >, 20 * VALISE_MIB);
  g_assert_cmpuint (state.done, ==, state.total);

  g_assert_true (valise_source_is_iso (source));
  g_assert_cmpstr (valise_source_get_format (source), ==, "wim");
  g_assert_cmpstr (valise_source_get_path (source), ==, iso);
  g_assert_no_errno (g_stat (iso, &st));
  g_assert_cmpuint (valise_source_get_size (source), ==, st.st_size);
  g_assert_cmpuint (valise_source_get_editions (source)->len, ==, 2);
  hash = valise_source_hash (source, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (sum, hash));
  valise_source_free (source);
  g_assert_cmpuint (count_scratch (), ==, 0);
}

static void
test_cancelled (void)
{
  g_autofree char *iso = sample_path ("sample.iso");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (valise_source_open (iso, tools.scratch, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_scratch (), ==, 0);
}

/* All parts of a set are taken; what lies in x64 is found as well. */
static void
test_kinds (void)
{
  g_autofree char *swm = make_iso ("swm", "-udf", "SWM", "sample.swm", "SOURCES/Install.swm",
                                   "sample2.swm", "SOURCES/install2.swm", "sample3.swm",
                                   "SOURCES/Install3.swm", "sample4.swm", "SOURCES/install4.swm",
                                   "boot.wim", "SOURCES/boot.wim", NULL);
  g_autofree char *esd = make_iso ("esd", "-udf", "ESD", "boot.wim", "x86/sources/boot.wim",
                                   "sample.esd", "x64/sources/install.esd", NULL);
  g_autofree char *lacking
      = make_iso ("lacking", "-udf", "SWM", "sample.swm", "sources/install.swm", "sample2.swm",
                  "sources/install2.swm", "sample4.swm", "sources/install4.swm", NULL);
  g_autoptr (GError) error = NULL;
  ValiseSource *source = valise_source_open (swm, tools.scratch, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (valise_source_get_format (source), ==, "swm");
  g_assert_cmpuint (valise_source_get_editions (source)->len, ==, 2);
  valise_source_free (source);

  source = valise_source_open (esd, tools.scratch, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (valise_source_get_format (source), ==, "esd");
  valise_source_free (source);

  assert_refused (lacking, VALISE_SOURCE_ERROR_PART_MISSING, "“install3.swm”");
  g_assert_cmpuint (count_scratch (), ==, 0);
}

static void
test_without_image (void)
{
  g_autofree char *linux_iso = make_iso ("linux", "-R", "Ubuntu 24.04 LTS amd64", "boot.wim",
                                         "casper/filesystem.squashfs", NULL);
  g_autofree char *pe_iso
      = make_iso ("pe", "-udf", "WINPE", "boot.wim", "sources/boot.wim", NULL);
  g_autofree char *cut = own_path ("linux-cut.iso");

  assert_refused (linux_iso, VALISE_SOURCE_ERROR_NO_IMAGE_IN_ISO, "“Ubuntu 24.04 LTS amd64”");
  assert_refused (pe_iso, VALISE_SOURCE_ERROR_NO_IMAGE_IN_ISO, "“WINPE”");
  copy_part (linux_iso, cut, 1 * VALISE_MIB);
  assert_refused (cut, VALISE_SOURCE_ERROR_TRUNCATED, "not complete");
}

/* Cut before the image file ends, the words are right; behind it, nothing is missing. */
static void
test_cut (void)
{
  g_autofree char *iso = sample_path ("sample.iso");
  g_autofree char *path = own_path ("cut.iso");
  g_autoptr (ValiseDisc) disc = valise_disc_open (iso, NULL, NULL);
  const ValiseDiscFile *file = g_ptr_array_index (disc->files, 0);
  const ValiseDiscExtent *last
      = &g_array_index (file->extents, ValiseDiscExtent, file->extents->len - 1);
  GStatBuf st;
  guint n_refused = 0;

  g_assert_no_errno (g_stat (iso, &st));
  for (guint i = 0; i < 20; i++)
    {
      guint64 size = st.st_size * i / 20;
      g_autoptr (GError) error = NULL;
      ValiseSource *source;

      copy_part (iso, path, i == 1 ? 40000 : i == 2 ? 600000 : (goffset) size);
      source = valise_source_open (path, tools.scratch, NULL, NULL, &error);
      if (size >= last->offset + last->size && i > 2)
        {
          g_assert_no_error (error);
          valise_source_free (source);
          continue;
        }
      g_assert_null (source);
      g_assert_null (valise_disc_open (path, NULL, NULL)); /* not only when it is copied */
      g_test_message ("%s", error->message);
      if (i == 0)
        g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_AN_IMAGE);
      else
        g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_TRUNCATED);
      n_refused++;
    }
  g_assert_cmpuint (n_refused, >, 10);
  g_assert_cmpuint (count_scratch (), ==, 0);
}

/* Whatever the file system's structures say, the finder neither crashes nor leaves the file. */
static void
test_fuzz (void)
{
  /* Where genisoimage puts UDF's descriptors, its anchor, and its folders. */
  static const guint sectors[][2] = { { 16, 24 }, { 32, 48 }, { 256, 300 } };
  g_autofree char *iso = sample_path ("sample.iso");
  g_autofree char *path = own_path ("fuzz.iso");
  g_autoptr (GMappedFile) file = g_mapped_file_new (iso, FALSE, NULL);
  const char *good = g_mapped_file_get_contents (file);
  gsize size = g_mapped_file_get_length (file);
  gint64 end = g_get_monotonic_time () + 4 * G_TIME_SPAN_SECOND;
  g_autoptr (GRand) random = g_rand_new_with_seed (20240607);
  guint n_found = 0, n_refused = 0;
  int saved = dup (STDERR_FILENO);
  int null = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  int fd;

  dup2 (null, STDERR_FILENO); /* libudfread speaks there of each fault */
  copy_part (iso, path, -1);
  fd = open (path, O_RDWR | O_CLOEXEC);
  for (guint round = 0; round < 20000 && g_get_monotonic_time () < end; round++)
    {
      guint n = g_rand_int_range (random, 1, 12);
      goffset at[12];
      g_autoptr (ValiseDisc) disc = NULL;

      for (guint i = 0; i < n; i++)
        {
          static const guint8 values[] = { 0, 1, 0x7f, 0x80, 0xff };
          guint8 value = g_rand_boolean (random) ? values[g_rand_int_range (random, 0, 5)]
                                                 : g_rand_int (random);

          guint area = g_rand_int_range (random, 0, G_N_ELEMENTS (sectors));

          do
            at[i] = g_rand_int_range (random, sectors[area][0] * 2048, sectors[area][1] * 2048);
          while (good[at[i]] == 0 && g_rand_int_range (random, 0, 20) != 0);
          g_assert_cmpint (pwrite (fd, &value, 1, at[i]), ==, 1);
        }
      disc = valise_disc_open (path, NULL, NULL);
      disc != NULL ? n_found++ : n_refused++;
      for (guint i = 0; disc != NULL && i < disc->files->len; i++)
        {
          const ValiseDiscFile *found = g_ptr_array_index (disc->files, i);
          guint64 total = 0;

          g_assert_null (strchr (found->name, '/'));
          for (guint j = 0; j < found->extents->len; j++)
            {
              const ValiseDiscExtent *extent = &g_array_index (found->extents, ValiseDiscExtent, j);

              g_assert_cmpuint (extent->offset, <=, size);
              g_assert_cmpuint (extent->size, <=, size - extent->offset);
              total += extent->size;
            }
          g_assert_cmpuint (total, ==, found->size);
        }
      for (guint i = 0; i < n; i++)
        g_assert_cmpint (pwrite (fd, good + at[i], 1, at[i]), ==, 1);
    }
  close (fd);
  dup2 (saved, STDERR_FILENO);
  close (saved);
  close (null);
  g_test_message ("%u found, %u refused", n_found, n_refused);
  g_assert_cmpuint (n_found, >, 0);
  g_assert_cmpuint (n_refused, >, 0);
}

static void
test_mounted (gconstpointer data)
{
  FakeUdisksMode mode = GPOINTER_TO_INT (data);
  g_autofree char *iso = sample_path ("sample.iso");
  g_autofree char *folder = g_strdup_printf ("%s/mounted-%d", tools.folder, mode);
  g_autofree char *sources = g_build_filename (folder, "sources", NULL);
  g_autofree char *image = g_build_filename (sources, "install.wim", NULL);
  g_autofree char *said = NULL;
  gboolean usable = mode == FAKE_UDISKS_WORKS || mode == FAKE_UDISKS_SLOW
                    || mode == FAKE_UDISKS_ALREADY_MOUNTED;
  g_autoptr (GError) error = NULL;
  FakeUdisks *fake;
  ValiseSource *source;

  if (!fake_udisks_available ())
    {
      g_test_skip ("dbus-daemon is not installed");
      return;
    }
  g_assert_no_errno (g_mkdir_with_parents (sources, 0755));
  said = run_tool ("sh", "-c", "isoinfo -J -i \"$0\" -x /sources/install.wim > \"$1\"", iso, image,
                   NULL);
  if (mode == FAKE_UDISKS_OTHER_DISC)
    g_assert_no_errno (truncate (image, 1000));
  fake = fake_udisks_new (mode, folder);

  source = valise_source_open (iso, tools.scratch, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (valise_source_get_editions (source)->len, ==, 2);
  g_assert_cmpuint (count_scratch (), ==, usable ? 0 : 1);
  if (usable)
    g_assert_cmpstr (fake_udisks_get_calls (fake), !=, "");
  valise_source_free (source);
  g_assert_cmpuint (count_scratch (), ==, 0);
  switch (mode)
    {
    case FAKE_UDISKS_WORKS:
    case FAKE_UDISKS_OTHER_DISC:
      g_assert_cmpstr (fake_udisks_get_calls (fake), ==, "LoopSetup Mount Unmount Delete ");
      break;
    case FAKE_UDISKS_SLOW:
      g_assert_cmpstr (fake_udisks_get_calls (fake), ==,
                       "LoopSetup Mount Mount Mount Unmount Delete ");
      break;
    case FAKE_UDISKS_ALREADY_MOUNTED:
      g_assert_cmpstr (fake_udisks_get_calls (fake), ==, "LoopSetup Mount Get Unmount Delete ");
      break;
    case FAKE_UDISKS_MOUNT_REFUSED:
      g_assert_cmpstr (fake_udisks_get_calls (fake), ==, "LoopSetup Mount Delete ");
      break;
    case FAKE_UDISKS_REFUSES:
      g_assert_cmpstr (fake_udisks_get_calls (fake), ==, "LoopSetup ");
      break;
    }
  fake_udisks_free (fake);
}

static void
add_tests (void)
{
  static const struct
  {
    const char *name;
    FakeUdisksMode mode;
  } modes[] = {
    { "works", FAKE_UDISKS_WORKS },
    { "slow", FAKE_UDISKS_SLOW },
    { "already-mounted", FAKE_UDISKS_ALREADY_MOUNTED },
    { "refuses", FAKE_UDISKS_REFUSES },
    { "mount-refused", FAKE_UDISKS_MOUNT_REFUSED },
    { "other-disc", FAKE_UDISKS_OTHER_DISC },
  };

  g_test_add_func ("/image/disc/finds", test_finds);
  g_test_add_func ("/image/disc/copied", test_copied);
  g_test_add_func ("/image/disc/cancelled", test_cancelled);
  g_test_add_func ("/image/disc/kinds", test_kinds);
  g_test_add_func ("/image/disc/without-image", test_without_image);
  g_test_add_func ("/image/disc/cut", test_cut);
  g_test_add_func ("/image/disc/fuzz", test_fuzz);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autofree char *name = g_strconcat ("/image/disc/udisks/", modes[i].name, NULL);

      g_test_add_data_func (name, GINT_TO_POINTER (modes[i].mode), test_mounted);
    }
}

int
main (int argc, char **argv)
{
  return image_tools_main (&argc, &argv, add_tests);
}
