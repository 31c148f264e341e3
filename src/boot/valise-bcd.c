/* valise-bcd.c: the BCD store, in which the boot manager finds Windows.
 *
 * Responsible for what is in the store: the objects and elements that Windows' own bcdboot writes
 * for a UEFI or a BIOS system, less those of the recovery environment, which a portable drive does
 * not have, and which is therefore switched off.
 * The elements' names and numbers are Microsoft's (“BCD WMI Provider Enumerations” and
 * “BCDEdit /set”, learn.microsoft.com). hivex does the writing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-bcd.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/valise-error.h"
#include "valise-bcd-device.h"
#include "valise-hive-template.h"
#include "valise-hive.h"

#define BOOT_MANAGER "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"
#define MEMORY_TEST "{b2721d73-1db4-4c62-bf78-c548a880142d}"
#define GLOBAL_SETTINGS "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}"
#define LOADER_SETTINGS "{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}"
#define RESUME_SETTINGS "{1afa9c49-16ab-4a5c-901b-212802da9460}"
#define HYPERVISOR_SETTINGS "{7ff607e0-4395-11db-b0de-0800200c9a66}"
#define DEBUGGER_SETTINGS "{4636856e-540f-4170-a130-a84776f4c654}"
#define EMS_SETTINGS "{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}"
#define BAD_MEMORY "{5189b25c-5558-4bf2-bca4-289b11bd29e2}"

/* What an element's value is; the first seven differ between drives. */
typedef enum
{
  ON_BOOT, /* a device: the partition of the boot manager */
  ON_OS,   /* a device: where Windows is */
  LOADER,  /* the loader's object */
  RESUME,  /* the resume loader's object */
  LOADERS, /* a list with only the loader's object */
  DESCRIPTION,
  LOCALE,
  TEXT,
  LIST, /* of objects, separated by spaces */
  INTEGER,
  INTEGERS, /* a list with only one */
  BOOLEAN,
} ValueKind;

typedef enum
{
  IN_BOTH,
  IN_UEFI,
} Where;

typedef struct
{
  guint32 id;
  ValueKind kind;
  const char *text;
  guint64 number;
  Where where;
  const char *bios_text; /* where it is another one */
} Element;

#define MAX_ELEMENTS 16

typedef struct
{
  const char *guid; /* or LOADER_KEY, RESUME_KEY */
  guint32 type;
  Element elements[MAX_ELEMENTS]; /* ended by an id of 0 */
} Object;

#define LOADER_KEY "loader"
#define RESUME_KEY "resume"

static const Object objects[] = {
  { BOOT_MANAGER,
    0x10100002,
    {
        { 0x11000001, ON_BOOT },
        { 0x12000002, TEXT, "\\EFI\\Microsoft\\Boot\\bootmgfw.efi", 0, IN_UEFI },
        { 0x12000004, TEXT, "Windows Boot Manager" },
        { 0x12000005, LOCALE },
        { 0x14000006, LIST, GLOBAL_SETTINGS },
        { 0x23000003, LOADER },  /* default */
        { 0x23000006, RESUME },  /* resumeobject */
        { 0x24000001, LOADERS }, /* displayorder */
        { 0x24000010, LIST, MEMORY_TEST },
        { 0x25000004, INTEGER, NULL, 30 }, /* timeout in seconds */
    } },
  { LOADER_KEY,
    0x10200003,
    {
        { 0x11000001, ON_OS },
        { 0x12000002, TEXT, "\\windows\\system32\\winload.efi", 0, IN_BOTH,
          "\\windows\\system32\\winload.exe" },
        { 0x12000004, DESCRIPTION },
        { 0x12000005, LOCALE },
        { 0x14000006, LIST, LOADER_SETTINGS },
        { 0x16000009, BOOLEAN, NULL, FALSE }, /* recoveryenabled: no environment for it */
        { 0x16000060, BOOLEAN, NULL, TRUE, IN_UEFI }, /* isolatedcontext */
        { 0x17000077, INTEGERS, NULL, 0x15000075 }, /* allowedinmemorysettings */
        { 0x21000001, ON_OS },
        { 0x22000002, TEXT, "\\windows" },
        { 0x23000003, RESUME },           /* resumeobject */
        { 0x25000020, INTEGER, NULL, 0 }, /* nx: OptIn */
        { 0x250000c2, INTEGER, NULL, 1 }, /* bootmenupolicy: Standard */
    } },
  { RESUME_KEY,
    0x10200004,
    {
        { 0x11000001, ON_OS },
        { 0x12000002, TEXT, "\\windows\\system32\\winresume.efi", 0, IN_BOTH,
          "\\windows\\system32\\winresume.exe" },
        { 0x12000004, TEXT, "Windows Resume Application" },
        { 0x12000005, LOCALE },
        { 0x14000006, LIST, RESUME_SETTINGS },
        { 0x16000060, BOOLEAN, NULL, TRUE, IN_UEFI },
        { 0x17000077, INTEGERS, NULL, 0x15000075 },
        { 0x22000002, TEXT, "\\hiberfil.sys" },
        { 0x25000008, INTEGER, NULL, 1 }, /* bootmenupolicy: Standard */
    } },
  { MEMORY_TEST,
    0x10200005,
    {
        { 0x11000001, ON_BOOT },
        { 0x12000002, TEXT, "\\EFI\\Microsoft\\Boot\\memtest.efi", 0, IN_BOTH,
          "\\boot\\memtest.exe" },
        { 0x12000004, TEXT, "Windows Memory Diagnostic" },
        { 0x12000005, LOCALE },
        { 0x14000006, LIST, GLOBAL_SETTINGS },
        { 0x1600000b, BOOLEAN, NULL, TRUE }, /* badmemoryaccess */
    } },
  { GLOBAL_SETTINGS,
    0x20100000,
    { { 0x14000006, LIST, DEBUGGER_SETTINGS " " EMS_SETTINGS " " BAD_MEMORY } } },
  { LOADER_SETTINGS,
    0x20200003,
    { { 0x14000006, LIST, GLOBAL_SETTINGS " " HYPERVISOR_SETTINGS } } },
  { RESUME_SETTINGS, 0x20200004, { { 0x14000006, LIST, GLOBAL_SETTINGS } } },
  { HYPERVISOR_SETTINGS,
    0x20200003,
    {
        { 0x250000f3, INTEGER, NULL, 0 }, /* hypervisordebugtype: Serial */
        { 0x250000f4, INTEGER, NULL, 1 }, /* hypervisordebugport */
        { 0x250000f5, INTEGER, NULL, 115200 },
    } },
  { DEBUGGER_SETTINGS, 0x20100000, { { 0x15000011, INTEGER, NULL, 4 } } }, /* debugtype: Local */
  { EMS_SETTINGS, 0x20100000, { { 0x16000020, BOOLEAN, NULL, FALSE } } },
  { BAD_MEMORY, 0x20100000, { { 0 } } },
};

static gboolean
set_value (hive_h *hive, hive_node_h node, const char *name, hive_type type, GBytes *data)
{
  const hive_set_value value = {
    .key = (char *)name,
    .t = type,
    .len = g_bytes_get_size (data),
    .value = (char *)g_bytes_get_data (data, NULL),
  };

  return hivex_node_set_values (hive, node, 1, &value, 0) == 0;
}

static GBytes *
pack_integer (guint64 number)
{
  number = GUINT64_TO_LE (number);
  return g_bytes_new (&number, sizeof number);
}

static GBytes *
pack_guid (const ValiseGuid *guid)
{
  g_autofree char *text = valise_guid_format_braced (guid);

  return valise_utf16_from_text (text);
}

static GBytes *
pack_list (const char *guids)
{
  g_auto (GStrv) list = g_strsplit (guids, " ", -1);

  return valise_utf16_from_texts ((const char *const *)list);
}

/* In a virtual disk, the partition is found by a file: for a program the one that it is, for
 * Windows its folder. */
static GBytes *
pack_os_device (const ValiseBcdDevice *os_device, guint32 element)
{
  ValiseBcdDevice device = *os_device;

  if (device.kind == VALISE_BCD_DEVICE_VHD_LOCATE)
    device.locate_element = element == 0x21000001 ? 0x22000002 : 0x12000002;
  return valise_bcd_device_pack (&device);
}

static GBytes *
pack (const Element *element, const ValiseBcdOptions *options)
{
  g_autofree char *guid = NULL;

  switch (element->kind)
    {
    case ON_BOOT:
      return valise_bcd_device_pack (options->boot_device);
    case ON_OS:
      return pack_os_device (options->os_device, element->id);
    case LOADER:
      return pack_guid (&options->loader_guid);
    case RESUME:
      return pack_guid (&options->resume_guid);
    case LOADERS:
      guid = valise_guid_format_braced (&options->loader_guid);
      return pack_list (guid);
    case DESCRIPTION:
      return valise_utf16_from_text (options->description);
    case LOCALE:
      return valise_utf16_from_text (options->locale);
    case TEXT:
      if (options->firmware == VALISE_FIRMWARE_BIOS && element->bios_text != NULL)
        return valise_utf16_from_text (element->bios_text);
      return valise_utf16_from_text (element->text);
    case LIST:
      return pack_list (element->text);
    case BOOLEAN:
      return g_bytes_new (element->number ? "\1" : "\0", 1);
    case INTEGER:
    case INTEGERS:
    default:
      return pack_integer (element->number);
    }
}

/* The registry's type goes by what the element's number says that it is. */
static hive_type
registry_type (guint32 id)
{
  switch (id >> 24 & 0xf)
    {
    case 2:
    case 3:
      return hive_t_string;
    case 4:
      return hive_t_multiple_strings;
    default:
      return hive_t_binary;
    }
}

static gboolean
add_object (hive_h *hive, hive_node_h parent, const Object *object, const ValiseBcdOptions *options)
{
  const guint32 type = GUINT32_TO_LE (object->type);
  g_autoptr (GBytes) type_bytes = g_bytes_new (&type, sizeof type);
  g_autofree char *name =
      g_str_equal (object->guid, LOADER_KEY)   ? valise_guid_format_braced (&options->loader_guid)
      : g_str_equal (object->guid, RESUME_KEY) ? valise_guid_format_braced (&options->resume_guid)
                                               : g_strdup (object->guid);
  hive_node_h node = hivex_node_add_child (hive, parent, name);
  hive_node_h description = node != 0 ? hivex_node_add_child (hive, node, "Description") : 0;
  hive_node_h elements = description != 0 ? hivex_node_add_child (hive, node, "Elements") : 0;

  if (elements == 0 || !set_value (hive, description, "Type", hive_t_dword, type_bytes))
    return FALSE;
  for (const Element *e = object->elements; e->id != 0; e++)
    {
      g_autofree char *id = g_strdup_printf ("%08x", e->id);
      g_autoptr (GBytes) data = NULL;
      hive_node_h key;

      if (e->where == IN_UEFI && options->firmware != VALISE_FIRMWARE_UEFI)
        continue;
      data = pack (e, options);
      key = hivex_node_add_child (hive, elements, id);
      if (key == 0 || !set_value (hive, key, "Element", registry_type (e->id), data))
        return FALSE;
    }
  return TRUE;
}

static gboolean
fill (hive_h *hive, const ValiseBcdOptions *options)
{
  /* The name under which a system that runs from the store mounts it. */
  g_autoptr (GBytes) key_name = valise_utf16_from_text ("BCD00000000");
  guint32 one = GUINT32_TO_LE (1);
  const hive_set_value values[] = {
    { (char *)"KeyName", hive_t_string, g_bytes_get_size (key_name),
      (char *)g_bytes_get_data (key_name, NULL) },
    { (char *)"System", hive_t_dword, sizeof one, (char *)&one },
    { (char *)"TreatAsSystem", hive_t_dword, sizeof one, (char *)&one },
  };
  hive_node_h root = hivex_root (hive);
  hive_node_h description = root != 0 ? hivex_node_add_child (hive, root, "Description") : 0;
  hive_node_h parent = description != 0 ? hivex_node_add_child (hive, root, "Objects") : 0;

  if (parent == 0 ||
      hivex_node_set_values (hive, description, G_N_ELEMENTS (values), values, 0) != 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    if (!add_object (hive, parent, &objects[i], options))
      return FALSE;
  return TRUE;
}

/* Everything that can go wrong here is the system's: no space, no rights, no working hivex. */
static gboolean
write_store (const char *path, const ValiseBcdOptions *options)
{
  g_autoptr (hive_h) hive = hivex_open (path, HIVEX_OPEN_WRITE);

  return hive != NULL && fill (hive, options) && hivex_commit (hive, NULL, 0) == 0;
}

static GBytes *
build_in (const char *path, const ValiseBcdOptions *options, GError **error)
{
  g_autoptr (GBytes) empty = valise_hive_template_build ();
  g_autoptr (GError) cause = NULL;
  int error_number = 0;
  char *contents;
  gsize size;

  if (!g_file_set_contents_full (path, g_bytes_get_data (empty, NULL), g_bytes_get_size (empty),
                                 G_FILE_SET_CONTENTS_NONE, 0600, &cause))
    error_number = g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOSPC) ? ENOSPC : EIO;
  else if (!write_store (path, options))
    error_number = errno;
  else if (g_file_get_contents (path, &contents, &size, &cause))
    return g_bytes_new_take (contents, size);

  g_set_error (error, VALISE_SYSTEM_ERROR,
               error_number == ENOSPC ? VALISE_SYSTEM_ERROR_NO_SPACE : VALISE_SYSTEM_ERROR_FAILED,
               /* Translators: a file's path, and what the system said. */
               _ ("The boot configuration cannot be made in the temporary file “%s”: %s. See that "
                  "there is space in the folder for temporary files."),
               path, cause != NULL ? cause->message : g_strerror (error_number));
  return NULL;
}

/**
 * valise_bcd_build:
 * @options: what differs between stores; its texts are valid UTF-8
 * @scratch: where to make a file, which is removed before this returns
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Makes the store for one system. The same options give the same bytes. Blocks. Any thread; one at
 * a time in a @scratch.
 *
 * Returns: (transfer full) (nullable): the store, a file
 */
GBytes *
valise_bcd_build (const ValiseBcdOptions *options, ValiseScratch *scratch, GError **error)
{
  g_autofree char *path = valise_scratch_build_path (scratch, "bcd");
  GBytes *store;

  g_return_val_if_fail (g_utf8_validate (options->description, -1, NULL), NULL);
  g_return_val_if_fail (g_utf8_validate (options->locale, -1, NULL), NULL);

  store = build_in (path, options, error);
  g_unlink (path);
  return store;
}
