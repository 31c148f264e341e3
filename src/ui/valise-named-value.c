/* valise-named-value.c: a value that can be chosen, and what people call it.
 *
 * The value is what a profile has; the name is shown. It is found by its name, its value, and more
 * words, whatever their case and accents.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-named-value.h"

#include <string.h>

struct _ValiseNamedValue
{
  GObject parent_instance;

  char *value;
  char *name;
  char *words; /* folded */
};

enum
{
  PROP_0,
  PROP_NAME,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (ValiseNamedValue, valise_named_value, G_TYPE_OBJECT)

/**
 * valise_named_value_fold:
 * @text: a text
 *
 * Returns: (transfer full): it without case, accents and what stands between words, to be compared
 */
char *
valise_named_value_fold (const char *text)
{
  g_autofree char *apart = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);
  g_autofree char *small = g_utf8_casefold (apart != NULL ? apart : "", -1);
  g_autoptr (GString) folded = g_string_new (NULL);

  for (const char *at = small; *at != '\0'; at = g_utf8_next_char (at))
    {
      const gunichar c = g_utf8_get_char (at);

      if (g_unichar_ismark (c) && g_unichar_type (c) == G_UNICODE_NON_SPACING_MARK)
        continue;
      if (c == '_' || c == '/' || g_unichar_isspace (c))
        g_string_append_c (folded, ' ');
      else
        g_string_append_unichar (folded, c);
    }
  return g_strstrip (g_string_free (g_steal_pointer (&folded), FALSE));
}

/**
 * valise_named_value_new:
 * @value: what a profile has; empty for nothing
 * @name: what is shown
 * @words: (nullable): what it is found by, too
 *
 * Returns: (transfer full): a value with a name
 */
ValiseNamedValue *
valise_named_value_new (const char *value, const char *name, const char *words)
{
  ValiseNamedValue *self = g_object_new (VALISE_TYPE_NAMED_VALUE, NULL);
  g_autofree char *all = g_strjoin (" ", name, value, words, NULL);

  self->value = g_strdup (value);
  self->name = g_strdup (name);
  self->words = valise_named_value_fold (all);
  return self;
}

/**
 * valise_named_value_get_value:
 * @self: a value with a name
 *
 * Returns: the value
 */
const char *
valise_named_value_get_value (ValiseNamedValue *self)
{
  return self->value;
}

/**
 * valise_named_value_get_name:
 * @self: a value with a name
 *
 * Returns: its name
 */
const char *
valise_named_value_get_name (ValiseNamedValue *self)
{
  return self->name;
}

/**
 * valise_named_value_matches:
 * @self: a value with a name
 * @folded: what is looked for, from valise_named_value_fold()
 *
 * Returns: whether it has each of the words
 */
gboolean
valise_named_value_matches (ValiseNamedValue *self, const char *folded)
{
  g_auto (GStrv) wanted = g_strsplit (folded, " ", 0);

  for (guint i = 0; wanted[i] != NULL; i++)
    if (strstr (self->words, wanted[i]) == NULL)
      return FALSE;
  return TRUE;
}

/* ---- the object ---- */

static void
valise_named_value_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  ValiseNamedValue *self = VALISE_NAMED_VALUE (object);

  if (id == PROP_NAME)
    g_value_set_string (value, self->name);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
valise_named_value_finalize (GObject *object)
{
  ValiseNamedValue *self = VALISE_NAMED_VALUE (object);

  g_free (self->value);
  g_free (self->name);
  g_free (self->words);
  G_OBJECT_CLASS (valise_named_value_parent_class)->finalize (object);
}

static void
valise_named_value_class_init (ValiseNamedValueClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = valise_named_value_get_property;
  G_OBJECT_CLASS (klass)->finalize = valise_named_value_finalize;

  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL,
                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, props);
}

static void
valise_named_value_init (ValiseNamedValue *self)
{
}
