/* sample-oddities.c: everything unusual that NTFS can hold, and the mass of small files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sample-windows.h"

#include <string.h>

#define READONLY 0x01u
#define HIDDEN 0x02u
#define SYSTEM 0x04u
#define FOLDER 0x10u
#define ARCHIVE 0x20u
#define TEMPORARY 0x100u
#define COMPRESSED 0x800u
#define OFFLINE 0x1000u
#define NOT_INDEXED 0x2000u

#define ODD "Users/Public/Documents/"

static void
add_folder (SampleVolume *volume, const char *path, guint32 attributes, SampleSd sd)
{
  const SampleFile folder = { .path = path, .sd = sd, .attributes = FOLDER | attributes };

  sample_volume_add_folder (volume, &folder);
}

static void
add_file (SampleVolume *volume, const char *path, guint64 size, guint32 attributes, SampleFill fill,
          const char *short_name)
{
  const SampleFile file = {
    .path = path,
    .sd = SAMPLE_SD_USER_FILE,
    .attributes = attributes,
    .short_name = short_name,
    .size = size,
    .fill = fill,
  };

  sample_volume_add_file (volume, &file);
}

static void
add_sizes (SampleVolume *volume)
{
  /* Around where data leaves the MFT record, and around clusters and compression units. */
  static const guint sizes[] = { 0,    1,    512,  680,  690,   700,   710,   720,   4095,
                                 4096, 4097, 8192, 65535, 65536, 65537, 131072, 1048577 };

  add_folder (volume, ODD "sizes", 0, SAMPLE_SD_USERS);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *path = g_strdup_printf (ODD "sizes/%u bytes.bin", sizes[i]);
      add_file (volume, path, sizes[i], ARCHIVE, SAMPLE_FILL_RANDOM, NULL);
    }
  for (guint size = 600; size < 760; size += 8)
    {
      g_autofree char *path = g_strdup_printf (ODD "sizes/resident-%u.bin", size);
      add_file (volume, path, size, ARCHIVE, SAMPLE_FILL_TEXT, NULL);
    }
  add_file (volume, ODD "sizes/zeros.bin", 300000, ARCHIVE, SAMPLE_FILL_ZERO, NULL);
}

static void
add_names (SampleVolume *volume)
{
  static const char *const names[] = {
    "Größe und Maß.txt", "日本語のファイル名.txt", "файл с русским именем.txt", "ملف عربي.txt",
    "emoji 😀🧳 surrogates.txt", "combining e\xcc\x81.txt", "precomposed \xc3\xa9.txt",
    "case", "CASE", "Case", "no extension", ".dotfile", "many.dots.in.a.name.txt",
    "semi;colon, [brackets] {braces} & 'quotes' #1 100%.txt",
  };
  static const gunichar2 unpaired[] = { 'u', 'n', 'p', 'a', 'i', 'r', 'e', 'd', 0xd83d, 'x' };
  g_autofree char *longest = g_strnfill (251, 'n');
  g_autofree char *longest_path = g_strconcat (ODD "names/", longest, ".txt", NULL);
  g_autoptr (GString) wide = g_string_new (ODD "names/");
  g_autoptr (GString) deep = g_string_new (ODD "names");

  add_folder (volume, ODD "names", 0, SAMPLE_SD_USERS);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strconcat (ODD "names/", names[i], NULL);
      add_file (volume, path, 100 + i, ARCHIVE, SAMPLE_FILL_TEXT, NULL);
    }
  add_file (volume, longest_path, 255, ARCHIVE, SAMPLE_FILL_TEXT, "NNNNNN~1.TXT");
  for (guint i = 0; i < 255; i++) /* 255 units, 765 bytes in UTF-8 */
    g_string_append (wide, "名");
  add_file (volume, wide->str, 765, ARCHIVE, SAMPLE_FILL_TEXT, NULL);
  sample_volume_add_raw_name (volume, ODD "names", unpaired, G_N_ELEMENTS (unpaired));
  for (guint i = 0; i < 12; i++) /* a path far over 260 characters */
    {
      g_string_append_printf (deep, "/a folder with a rather long name, level %02u", i);
      add_folder (volume, deep->str, 0, SAMPLE_SD_USERS);
    }
  g_string_append (deep, "/file at the bottom.txt");
  add_file (volume, deep->str, 50, ARCHIVE, SAMPLE_FILL_TEXT, "FILEAT~1.TXT");
}

static void
add_attributes (SampleVolume *volume)
{
  static const struct
  {
    const char *name;
    guint32 attributes;
  } cases[] = {
    { "read-only.txt", READONLY | ARCHIVE }, { "hidden.txt", HIDDEN | ARCHIVE },
    { "system.sys", SYSTEM | HIDDEN },       { "not indexed.txt", NOT_INDEXED | ARCHIVE },
    { "temporary.tmp", TEMPORARY },          { "offline.txt", OFFLINE | ARCHIVE },
    { "none.txt", 0 },                       { "all.txt", READONLY | HIDDEN | SYSTEM | ARCHIVE },
  };

  add_folder (volume, ODD "attributes", NOT_INDEXED | SYSTEM, SAMPLE_SD_USERS);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat (ODD "attributes/", cases[i].name, NULL);
      add_file (volume, path, 33, cases[i].attributes, SAMPLE_FILL_TEXT, NULL);
    }

  /* A compressed folder, in it both kinds; and compressed files where the folder is not. */
  add_folder (volume, ODD "compressed", COMPRESSED, SAMPLE_SD_USERS);
  add_folder (volume, ODD "compressed/inside", COMPRESSED, SAMPLE_SD_USERS);
  add_folder (volume, ODD "compressed/plain", 0, SAMPLE_SD_USERS);
  add_file (volume, ODD "compressed/text.txt", 300000, ARCHIVE | COMPRESSED, SAMPLE_FILL_TEXT,
            NULL);
  add_file (volume, ODD "compressed/random.bin", 200000, ARCHIVE | COMPRESSED, SAMPLE_FILL_RANDOM,
            NULL);
  add_file (volume, ODD "compressed/tiny.txt", 20, ARCHIVE | COMPRESSED, SAMPLE_FILL_TEXT, NULL);
  add_file (volume, ODD "compressed/not compressed.txt", 100000, ARCHIVE, SAMPLE_FILL_TEXT,
            "NOTCOM~1.TXT");
  add_file (volume, ODD "compressed/inside/empty.txt", 0, ARCHIVE | COMPRESSED, SAMPLE_FILL_TEXT,
            NULL);
  add_file (volume, ODD "compressed/plain/plain.txt", 70000, ARCHIVE, SAMPLE_FILL_TEXT, NULL);
  add_file (volume, ODD "compressed in a plain folder.txt", 150000, ARCHIVE | COMPRESSED,
            SAMPLE_FILL_TEXT, "COMPRE~1.TXT");
}

static void
add_links (SampleVolume *volume)
{
  static const struct
  {
    const char *name, *target, *shown;
    guint32 attributes, tag;
  } reparse[] = {
    { "file link", "..\\names\\no extension", "..\\names\\no extension", ARCHIVE, 0xa000000cu },
    { "folder link", "\\??\\C:\\Windows", "C:\\Windows", FOLDER, 0xa000000cu },
    { "volume mount point", "\\??\\Volume{01234567-89ab-cdef-0123-456789abcdef}\\", "", FOLDER,
      0xa0000003u },
    { "python.exe", "\x03", NULL, ARCHIVE, 0x8000001bu }, /* an application's alias */
  };

  add_folder (volume, ODD "links", 0, SAMPLE_SD_USERS);
  for (guint i = 0; i < G_N_ELEMENTS (reparse); i++)
    {
      g_autofree char *path = g_strconcat (ODD "links/", reparse[i].name, NULL);
      const SampleFile file = {
        .path = path,
        .sd = SAMPLE_SD_USER_FILE,
        .attributes = reparse[i].attributes,
      };
      sample_volume_add_reparse (volume, &file, reparse[i].tag, reparse[i].target,
                                 reparse[i].shown);
    }
  /* Hard links: in one folder, across folders, of a file with a short name, and of many names. */
  add_file (volume, ODD "links/first name.txt", 5000, ARCHIVE, SAMPLE_FILL_TEXT, "FIRSTN~1.TXT");
  sample_volume_add_link (volume, ODD "links/first name.txt", ODD "links/second name.txt");
  sample_volume_add_link (volume, ODD "links/first name.txt", "Users/Public/third name.txt");
  sample_volume_add_link (volume, "Windows/System32/ntoskrnl.exe", "Windows/WinSxS/ntoskrnl.exe");
  sample_volume_add_link (volume, "Windows/System32/winload.efi", "Windows/WinSxS/winload.efi");
  sample_volume_add_link (volume, "Windows/Boot/EFI/bootmgfw.efi", "Windows/WinSxS/bootmgfw.efi");
  add_file (volume, ODD "links/many.txt", 10, ARCHIVE, SAMPLE_FILL_TEXT, NULL);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *link = g_strdup_printf (ODD "links/many-%02u.txt", i);
      sample_volume_add_link (volume, ODD "links/many.txt", link);
    }
}

static void
add_streams (SampleVolume *volume)
{
  static const char zone[] = "[ZoneTransfer]\r\nZoneId=3\r\n";

  add_folder (volume, ODD "streams", 0, SAMPLE_SD_USERS);
  add_file (volume, ODD "streams/downloaded.exe", 30000, ARCHIVE, SAMPLE_FILL_BINARY,
            "DOWNLO~1.EXE");
  sample_volume_add_stream (volume, ODD "streams/downloaded.exe", "Zone.Identifier", zone,
                            strlen (zone));
  add_file (volume, ODD "streams/next to data.bin", 150000, ARCHIVE, SAMPLE_FILL_BINARY, NULL);
  sample_volume_add_stream (volume, ODD "streams/next to data.bin", "larger", NULL, 300000);
  sample_volume_add_stream (volume, ODD "streams/next to data.bin", "resident", NULL, 90);
  add_file (volume, ODD "streams/several.bin", 0, ARCHIVE, SAMPLE_FILL_BINARY, NULL);
  sample_volume_add_stream (volume, ODD "streams/several.bin", "empty", NULL, 0);
  sample_volume_add_stream (volume, ODD "streams/several.bin", "größer", NULL, 200000);
  sample_volume_add_stream (volume, ODD "streams/several.bin", "resident", NULL, 100);
  sample_volume_add_stream (volume, ODD "streams", "on a folder", zone, strlen (zone));
  for (guint i = 0; i < 30; i++) /* so many that the record needs an attribute list */
    {
      g_autofree char *name = g_strdup_printf ("a stream with a rather long name, number %u", i);
      sample_volume_add_stream (volume, ODD "streams/several.bin", name, zone, i % sizeof zone);
    }
}

static void
add_security (SampleVolume *volume)
{
  add_folder (volume, ODD "security", 0, SAMPLE_SD_USERS);
  for (guint i = 0; i < SAMPLE_N_SDS; i++)
    {
      g_autofree char *path = g_strdup_printf (ODD "security/descriptor-%02u.txt", i);
      g_autofree char *folder = g_strdup_printf (ODD "security/descriptor-%02u", i);
      const SampleFile file = { .path = path, .sd = i, .attributes = ARCHIVE, .size = 10 };

      sample_volume_add_file (volume, &file);
      add_folder (volume, folder, 0, i);
    }
}

static void
add_times (SampleVolume *volume)
{
  static const struct
  {
    const char *name;
    guint64 time;
  } cases[] = {
    { "one tick", 1 },
    { "before 1970", G_GUINT64_CONSTANT (100000000000000001) },
    { "at 1970", G_GUINT64_CONSTANT (116444736000000000) },
    { "after 2038", G_GUINT64_CONSTANT (137919572470000009) },
    { "in 9999", G_GUINT64_CONSTANT (2650467743999999999) },
  };

  add_folder (volume, ODD "times", 0, SAMPLE_SD_USERS);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat (ODD "times/", cases[i].name, NULL);

      add_file (volume, path, 1, ARCHIVE, SAMPLE_FILL_TEXT, NULL);
      sample_volume_set_times (volume, path, cases[i].time, cases[i].time + 1, cases[i].time + 2);
    }
  add_folder (volume, ODD "times/old folder", 0, SAMPLE_SD_USERS);
  sample_volume_set_times (volume, ODD "times/old folder", 3, 2, 1);
}

static void
add_sparse (SampleVolume *volume, gboolean big)
{
  const SampleFile sparse = {
    .path = ODD "sparse.vhd",
    .sd = SAMPLE_SD_USER_FILE,
    .attributes = ARCHIVE,
    .size = 3 << 20,
    .fill = SAMPLE_FILL_BINARY,
    .is_sparse = TRUE,
  };
  SampleFile huge = sparse;

  sample_volume_add_file (volume, &sparse);
  huge.path = ODD "sparse over 4 GiB.vhd";
  huge.size = (G_GUINT64_CONSTANT (4) << 30) + (200 << 20) + 12345;
  if (big)
    sample_volume_add_file (volume, &huge);
}

/* One of everything, below Users/Public/Documents. */
void
sample_oddities_fill (SampleVolume *volume, const SampleWindows *windows)
{
  add_sizes (volume);
  add_names (volume);
  add_attributes (volume);
  add_links (volume);
  add_streams (volume);
  add_security (volume);
  add_times (volume);
  add_sparse (volume, windows->big);
  add_file (volume, ODD "with an id.lnk", 900, ARCHIVE, SAMPLE_FILL_BINARY, "WITHAN~1.LNK");
  sample_volume_add_object_id (volume, ODD "with an id.lnk", FALSE);
  add_file (volume, ODD "with all ids.lnk", 900, ARCHIVE, SAMPLE_FILL_BINARY, NULL);
  sample_volume_add_object_id (volume, ODD "with all ids.lnk", TRUE);
  sample_volume_add_object_id (volume, "Windows", TRUE);
}

/* Sizes spread as in a system: many tiny ones, few large ones, @mean on average. */
static guint64
choose_size (SampleRandom *random, guint64 mean)
{
  switch (sample_next (random) % 20)
    {
    case 0:
      return 0;
    case 1 ... 5:
      return sample_range (random, 1, MAX (mean / 12, 1));
    case 6 ... 15:
      return sample_range (random, 1, mean);
    case 16 ... 18:
      return sample_range (random, mean, mean * 4);
    default:
      return sample_range (random, mean * 4, mean * 14);
    }
}

/* @windows->n_files files as a system has them: components in WinSxS, half of them linked into
 * System32 as well; programs; one large folder. Every twentieth repeats another one's contents. */
void
sample_many_files (SampleVolume *volume, const SampleWindows *windows)
{
  SampleRandom random = 4;
  g_autofree char *folder = NULL;
  g_autofree guint8 *shared = g_malloc (windows->mean_size);
  guint n_flat = MIN (windows->n_files / 4, 6000);

  sample_fill (shared, windows->mean_size, SAMPLE_FILL_BINARY, &random);
  add_folder (volume, "Windows/WinSxS/Manifests", 0, SAMPLE_SD_SYSTEM_FOLDER);
  for (guint i = 0; i < windows->n_files; i++)
    {
      g_autofree char *path = NULL;
      guint kind = sample_next (&random) % 10;
      SampleFile file = {
        .sd = kind < 8 ? SAMPLE_SD_SYSTEM_FILE : sample_next (&random) % SAMPLE_N_SDS,
        .attributes = ARCHIVE,
        .size = choose_size (&random, windows->mean_size),
        .fill = sample_next (&random) % 3,
      };
      char short_name[13];

      if (i < n_flat)
        path = g_strdup_printf ("Windows/WinSxS/Manifests/"
                                "%s_microsoft-windows-part%05u_%08x.manifest",
                                windows->arch, i, (guint32) sample_next (&random));
      else
        {
          if (folder == NULL || sample_next (&random) % 4 == 0)
            {
              g_free (folder);
              folder = g_strdup_printf (
                  "%s/%s_component-%06u_31bf3856ad364e35_10.0.22631.%u_none_%08x",
                  kind < 8 ? "Windows/WinSxS" : "Program Files/Common Files", windows->arch, i,
                  (guint) sample_range (&random, 1, 4000), (guint32) sample_next (&random));
              add_folder (volume, folder, 0, SAMPLE_SD_SYSTEM_FOLDER);
            }
          path = g_strdup_printf ("%s/module%06u.%s", folder, i, kind % 2 == 0 ? "dll" : "dll.mui");
        }
      file.path = path;
      if (i % 20 == 19)
        {
          file.data = shared;
          file.size = windows->mean_size;
        }
      if (i % 8 == 7)
        {
          g_snprintf (short_name, sizeof short_name, "M%06X~.DLL", i & 0xffffff);
          file.short_name = short_name;
        }
      sample_volume_add_file (volume, &file);
      if (i >= n_flat && sample_next (&random) % 2 == 0)
        {
          g_autofree char *link = g_strdup_printf ("Windows/System32/module%06u.dll", i);
          sample_volume_add_link (volume, path, link);
        }
    }
}
