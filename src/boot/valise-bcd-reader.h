/* valise-bcd-reader.h: what is in a BCD store.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-bcd-device.h"

G_BEGIN_DECLS

/**
 * ValiseBcdFormat:
 * @VALISE_BCD_FORMAT_DEVICE: where something is
 * @VALISE_BCD_FORMAT_STRING: text
 * @VALISE_BCD_FORMAT_OBJECT: another object
 * @VALISE_BCD_FORMAT_OBJECT_LIST: other objects
 * @VALISE_BCD_FORMAT_INTEGER: a number
 * @VALISE_BCD_FORMAT_BOOLEAN: yes or no
 * @VALISE_BCD_FORMAT_INTEGER_LIST: numbers
 *
 * What an element holds: the second hexadecimal digit of its id.
 */
typedef enum
{
  VALISE_BCD_FORMAT_DEVICE = 1,
  VALISE_BCD_FORMAT_STRING = 2,
  VALISE_BCD_FORMAT_OBJECT = 3,
  VALISE_BCD_FORMAT_OBJECT_LIST = 4,
  VALISE_BCD_FORMAT_INTEGER = 5,
  VALISE_BCD_FORMAT_BOOLEAN = 6,
  VALISE_BCD_FORMAT_INTEGER_LIST = 7,
} ValiseBcdFormat;

/**
 * ValiseBcdElement:
 * @id: what it is
 * @format: what it holds, by @id
 * @data: the registry value's bytes
 * @device: for devices
 * @text: (nullable): for strings
 * @guids: (nullable) (element-type ValiseGuid): for an object (one) and lists of objects
 * @integer: for integers; for booleans 0 or 1
 * @integers: (nullable) (element-type guint64): for lists of integers
 *
 * One element of an object. What belongs to another format is zero.
 */
typedef struct
{
  guint32 id;
  ValiseBcdFormat format;
  GBytes *data;
  ValiseBcdDevice device;
  char *text;
  GArray *guids;
  guint64 integer;
  GArray *integers;
} ValiseBcdElement;

/**
 * ValiseBcdObject:
 * @guid: its name
 * @type: what it is
 * @elements: (element-type ValiseBcdElement): what it says, in the order of the hive (by id)
 *
 * One object of a store, such as the boot manager or a loader.
 */
typedef struct
{
  ValiseGuid guid;
  guint32 type;
  GPtrArray *elements;
} ValiseBcdObject;

/**
 * ValiseBcdStore:
 * @key_name: (nullable): the name that Windows mounts the store by
 * @treat_as_system: whether it is the store of a system
 * @objects: (element-type ValiseBcdObject): what is in it, in the order of the hive (by GUID)
 *
 * A store that was read.
 */
typedef struct
{
  char *key_name;
  gboolean treat_as_system;
  GPtrArray *objects;
} ValiseBcdStore;

ValiseBcdStore *valise_bcd_store_load (const char *path, GError **error);
ValiseBcdStore *valise_bcd_store_parse (GBytes *bytes, GError **error);
void valise_bcd_store_free (ValiseBcdStore *self);
const ValiseBcdObject *valise_bcd_store_find (const ValiseBcdStore *self, const ValiseGuid *guid);
const ValiseBcdElement *valise_bcd_object_find (const ValiseBcdObject *self, guint32 id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseBcdStore, valise_bcd_store_free)

G_END_DECLS
