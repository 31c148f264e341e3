/* valise-bcd-reader.c: what is in a BCD store.
 *
 * hivex finds the keys and values, what they mean is found out here. A store may come from a drive
 * that anything has happened to: every name, type and length is looked at, and there is a limit to
 * how much is read. Values that Windows has been seen to write otherwise than it says (short
 * integers, a second NUL) are taken.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-bcd-reader.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-hive.h"

#define LARGEST_STORE (8 * VALISE_MIB) /* real ones have 32 KiB to 1 MiB */
#define MAX_OBJECTS 1024
#define MAX_ELEMENTS 256
#define LARGEST_ELEMENT (64 * VALISE_KIB)

typedef struct
{
  hive_h *hive;
  ValiseBcdStore *store;
  gsize budget; /* bytes that may still be read: a damaged hive can have a value many times */
} Reader;

static void
element_free (gpointer data)
{
  ValiseBcdElement *element = data;

  g_clear_pointer (&element->data, g_bytes_unref);
  g_clear_pointer (&element->text, g_free);
  g_clear_pointer (&element->guids, g_array_unref);
  g_clear_pointer (&element->integers, g_array_unref);
  valise_bcd_device_clear (&element->device);
  g_free (element);
}

static void
object_free (gpointer data)
{
  ValiseBcdObject *object = data;

  g_ptr_array_unref (object->elements);
  g_free (object);
}

/**
 * valise_bcd_store_free:
 * @self: a store
 *
 * Frees @self.
 */
void
valise_bcd_store_free (ValiseBcdStore *self)
{
  g_free (self->key_name);
  g_ptr_array_unref (self->objects);
  g_free (self);
}

/* @where is a key of the store, and nothing to translate. */
static gboolean
set_damaged (const char *where, GError **error)
{
  g_autofree char *valid = g_utf8_make_valid (where, -1);

  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED,
               /* Translators: a key in the boot configuration's registry. */
               _ ("The boot configuration is damaged at “%s”. Write the drive again."), valid);
  return FALSE;
}

/* A text that ends where the value does, or at a NUL that only NULs follow. */
static gboolean
parse_text (const guint8 *data, gsize size, char **text)
{
  gsize used;

  *text = size % 2 == 0 ? valise_utf16_to_text (data, size, &used) : NULL;
  for (gsize i = used = *text != NULL ? used : size; i < size; i++)
    if (data[i] != 0)
      return FALSE;
  return *text != NULL;
}

static gboolean
add_guid (ValiseBcdElement *element, const char *text)
{
  ValiseGuid guid;

  if (text == NULL || *text != '{' || !valise_guid_parse (text, &guid, NULL))
    return FALSE;
  g_array_append_val (element->guids, guid);
  return TRUE;
}

static gboolean
parse_guids (ValiseBcdElement *element, const guint8 *data, gsize size)
{
  if (size % 2 != 0)
    return FALSE;
  while (size > 0)
    {
      gsize used;
      g_autofree char *text = valise_utf16_to_text (data, size, &used);

      if (text != NULL && *text == '\0') /* the end of the list */
        break;
      if (!add_guid (element, text))
        return FALSE;
      data += used;
      size -= used;
    }
  return TRUE;
}

static guint64
get_integer (const guint8 *data, gsize size)
{
  guint64 number = 0;

  for (gsize i = 0; i < size; i++)
    number |= (guint64)data[i] << 8 * i;
  return number;
}

static gboolean
parse_integers (ValiseBcdElement *element, const guint8 *data, gsize size)
{
  for (gsize i = 0; i + 8 <= size; i += 8)
    {
      guint64 number = get_integer (data + i, 8);

      g_array_append_val (element->integers, number);
    }
  return size % 8 == 0;
}

/* The registry's type that goes with each format. */
static gboolean
type_fits (ValiseBcdFormat format, hive_type type)
{
  switch (format)
    {
    case VALISE_BCD_FORMAT_STRING:
    case VALISE_BCD_FORMAT_OBJECT:
      return type == hive_t_string;
    case VALISE_BCD_FORMAT_OBJECT_LIST:
      return type == hive_t_multiple_strings;
    case VALISE_BCD_FORMAT_DEVICE:
    case VALISE_BCD_FORMAT_INTEGER:
    case VALISE_BCD_FORMAT_BOOLEAN:
    case VALISE_BCD_FORMAT_INTEGER_LIST:
      return type == hive_t_binary;
    default:
      return FALSE;
    }
}

static gboolean
parse_value (ValiseBcdElement *element)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (element->data, &size);
  g_autofree char *text = NULL;

  switch (element->format)
    {
    case VALISE_BCD_FORMAT_DEVICE:
      return valise_bcd_device_parse (data, size, &element->device, NULL);
    case VALISE_BCD_FORMAT_STRING:
      return parse_text (data, size, &element->text);
    case VALISE_BCD_FORMAT_OBJECT:
      element->guids = g_array_new (FALSE, FALSE, sizeof (ValiseGuid));
      return parse_text (data, size, &text) && add_guid (element, text);
    case VALISE_BCD_FORMAT_OBJECT_LIST:
      element->guids = g_array_new (FALSE, FALSE, sizeof (ValiseGuid));
      return parse_guids (element, data, size);
    case VALISE_BCD_FORMAT_INTEGER:
      if (size < 1 || size > 8)
        return FALSE;
      element->integer = get_integer (data, size);
      return TRUE;
    case VALISE_BCD_FORMAT_BOOLEAN:
      if (size != 1)
        return FALSE;
      element->integer = data[0] != 0;
      return TRUE;
    case VALISE_BCD_FORMAT_INTEGER_LIST:
      element->integers = g_array_new (FALSE, FALSE, sizeof (guint64));
      return parse_integers (element, data, size);
    default:
      return FALSE;
    }
}

static gboolean
parse_id (const char *name, guint32 *id)
{
  guint64 number;

  if (name == NULL || strlen (name) != 8 || !g_ascii_isxdigit (name[0]) ||
      !g_ascii_string_to_unsigned (name, 16, 0, G_MAXUINT32, &number, NULL))
    return FALSE;
  *id = number;
  return TRUE;
}

static ValiseBcdElement *
read_element (Reader *self, hive_node_h node, const char *where, GError **error)
{
  hive_h *hive = self->hive;
  g_autofree char *name = hivex_node_name (hive, node);
  g_autofree char *path = g_strconcat (where, "\\", name != NULL ? name : "?", NULL);
  hive_value_h value = hivex_node_get_value (hive, node, "Element");
  g_autofree char *data = NULL;
  ValiseBcdElement *element;
  hive_type type;
  gsize size;
  guint32 id;

  if (!parse_id (name, &id) || value == 0 || hivex_value_type (hive, value, &type, &size) != 0 ||
      size > LARGEST_ELEMENT || size > self->budget || !type_fits (id >> 24 & 0xf, type) ||
      (data = hivex_value_value (hive, value, &type, &size)) == NULL)
    {
      set_damaged (path, error);
      return NULL;
    }
  self->budget -= size;
  element = g_new0 (ValiseBcdElement, 1);
  element->id = id;
  element->format = id >> 24 & 0xf;
  element->data = g_bytes_new (data, size);
  if (!parse_value (element))
    {
      element_free (element);
      set_damaged (path, error);
      return NULL;
    }
  return element;
}

static gboolean
read_elements (Reader *self,
               hive_node_h node,
               const char *where,
               ValiseBcdObject *object,
               GError **error)
{
  g_autofree hive_node_h *children = hivex_node_children (self->hive, node);

  if (children == NULL)
    return set_damaged (where, error);
  for (guint i = 0; children[i] != 0; i++)
    {
      ValiseBcdElement *element = NULL;

      if (i >= MAX_ELEMENTS)
        return set_damaged (where, error);
      element = read_element (self, children[i], where, error);
      if (element == NULL)
        return FALSE;
      g_ptr_array_add (object->elements, element);
    }
  return TRUE;
}

static gboolean
read_object (Reader *self, hive_node_h node, GError **error)
{
  hive_h *hive = self->hive;
  g_autofree char *name = hivex_node_name (hive, node);
  hive_node_h description = valise_hive_find (hive, node, "Description");
  hive_node_h elements = valise_hive_find (hive, node, "Elements");
  ValiseBcdObject *object = g_new0 (ValiseBcdObject, 1);

  object->elements = g_ptr_array_new_with_free_func (element_free);
  g_ptr_array_add (self->store->objects, object);
  if (name == NULL || *name != '{' || !valise_guid_parse (name, &object->guid, NULL) ||
      description == 0 || elements == 0 ||
      !valise_hive_get_dword (hive, description, "Type", &object->type))
    return set_damaged (name != NULL ? name : "Objects", error);
  return read_elements (self, elements, name, object, error);
}

static gboolean
read_objects (Reader *self, GError **error)
{
  hive_h *hive = self->hive;
  ValiseBcdStore *store = self->store;
  hive_node_h root = hivex_root (hive);
  hive_node_h description = root != 0 ? valise_hive_find (hive, root, "Description") : 0;
  hive_node_h objects = root != 0 ? valise_hive_find (hive, root, "Objects") : 0;
  g_autofree hive_node_h *children = objects != 0 ? hivex_node_children (hive, objects) : NULL;
  guint32 flag;

  if (children == NULL || description == 0)
    return set_damaged (children == NULL ? "Objects" : "Description", error);
  store->key_name = valise_hive_get_string (hive, description, "KeyName");
  store->treat_as_system =
      valise_hive_get_dword (hive, description, "TreatAsSystem", &flag) && flag != 0;

  for (guint i = 0; children[i] != 0; i++)
    {
      if (i >= MAX_OBJECTS)
        return set_damaged ("Objects", error);
      if (!read_object (self, children[i], error))
        return FALSE;
    }
  return TRUE;
}

/**
 * valise_bcd_store_load:
 * @path: a store; may be any file
 * @error: where to put %VALISE_DRIVE_ERROR_FAILED (with the key that is wrong), or
 *     %VALISE_DRIVE_ERROR_READ
 *
 * Reads a store. Its file is not changed. Blocks. Any thread.
 *
 * Returns: (transfer full) (nullable): what is in it
 */
ValiseBcdStore *
valise_bcd_store_load (const char *path, GError **error)
{
  g_autoptr (ValiseBcdStore) store = g_new0 (ValiseBcdStore, 1);
  g_autoptr (hive_h) hive = NULL;
  Reader reader;
  struct stat st;

  store->objects = g_ptr_array_new_with_free_func (object_free);
  if (stat (path, &st) != 0)
    {
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ,
                   /* Translators: a file's path, and what the system said. */
                   _ ("The boot configuration “%s” cannot be read: %s. Write the drive again."),
                   path, g_strerror (errno));
      return NULL;
    }
  if (S_ISREG (st.st_mode) && (guint64)st.st_size <= LARGEST_STORE)
    hive = hivex_open (path, 0);
  if (hive == NULL)
    {
      set_damaged ("\\", error);
      return NULL;
    }
  reader = (Reader){ .hive = hive, .store = store, .budget = LARGEST_STORE };
  if (!read_objects (&reader, error))
    return NULL;
  return g_steal_pointer (&store);
}

/**
 * valise_bcd_store_parse:
 * @bytes: a store; may be anything
 * @error: where to put %VALISE_DRIVE_ERROR_FAILED, or an error of %VALISE_SYSTEM_ERROR
 *
 * Like valise_bcd_store_load(), for a store in memory.
 *
 * Returns: (transfer full) (nullable): what is in it
 */
ValiseBcdStore *
valise_bcd_store_parse (GBytes *bytes, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  ValiseBcdStore *store = NULL;
  g_autofree char *path = NULL;
  gsize done = 0;
  int fd = memfd_create ("bcd", MFD_CLOEXEC); /* hivex reads only files */

  while (fd >= 0 && done < size)
    {
      ssize_t n = write (fd, data + done, size - done);

      if (n < 0 && errno != EINTR)
        break;
      done += MAX (n, 0);
    }
  if (fd < 0 || done < size)
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_MEMORY,
                   _ ("There is no memory to look at the boot configuration: %s. Close other "
                      "programs and try again."),
                   g_strerror (errno));
    }
  else
    {
      path = g_strdup_printf ("/proc/self/fd/%d", fd);
      store = valise_bcd_store_load (path, error);
    }
  if (fd >= 0)
    close (fd);
  return store;
}

/**
 * valise_bcd_store_find:
 * @self: a store
 * @guid: an object's name
 *
 * Returns: (transfer none) (nullable): the object
 */
const ValiseBcdObject *
valise_bcd_store_find (const ValiseBcdStore *self, const ValiseGuid *guid)
{
  for (guint i = 0; i < self->objects->len; i++)
    {
      const ValiseBcdObject *object = self->objects->pdata[i];

      if (valise_guid_equal (&object->guid, guid))
        return object;
    }
  return NULL;
}

/**
 * valise_bcd_object_find:
 * @self: an object
 * @id: an element's number
 *
 * Returns: (transfer none) (nullable): the element
 */
const ValiseBcdElement *
valise_bcd_object_find (const ValiseBcdObject *self, guint32 id)
{
  for (guint i = 0; i < self->elements->len; i++)
    {
      const ValiseBcdElement *element = self->elements->pdata[i];

      if (element->id == id)
        return element;
    }
  return NULL;
}
