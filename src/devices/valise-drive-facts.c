/* valise-drive-facts.c: what is known of one drive at one moment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-facts.h"

#include <glib/gi18n-lib.h>

static void
part_free (ValiseDrivePart *part)
{
  g_free (part->device);
  g_free (part->type);
  g_free (part->label);
  g_strfreev (part->mounts);
  g_free (part);
}

/**
 * valise_drive_facts_new:
 *
 * Returns: (transfer full): a drive of which nothing is known
 */
ValiseDriveFacts *
valise_drive_facts_new (void)
{
  ValiseDriveFacts *self = g_new0 (ValiseDriveFacts, 1);

  self->symlinks = g_new0 (char *, 1);
  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) part_free);
  return self;
}

/**
 * valise_drive_facts_free:
 * @self: (transfer full): facts
 */
void
valise_drive_facts_free (ValiseDriveFacts *self)
{
  g_free (self->id);
  g_free (self->device);
  g_strfreev (self->symlinks);
  g_free (self->sort_key);
  g_free (self->vendor);
  g_free (self->model);
  g_free (self->serial);
  g_free (self->wwn);
  g_free (self->bus);
  g_free (self->table);
  g_ptr_array_unref (self->parts);
  g_clear_error (&self->refusal);
  g_free (self);
}

/**
 * valise_drive_facts_add_part:
 * @self: facts
 *
 * Returns: (transfer none): a new part, to be filled in
 */
ValiseDrivePart *
valise_drive_facts_add_part (ValiseDriveFacts *self)
{
  ValiseDrivePart *part = g_new0 (ValiseDrivePart, 1);

  part->used = VALISE_DRIVE_UNKNOWN;
  g_ptr_array_add (self->parts, part);
  return part;
}

/**
 * valise_drive_facts_set_id:
 * @self: facts of which all but the id are there
 *
 * Gives the drive its id: made of what the drive says of itself, so that it is the same one again
 * when it was plugged in elsewhere. One that does not say which it is, is another one each time.
 */
void
valise_drive_facts_set_id (ValiseDriveFacts *self)
{
  const char *const words[] = { self->bus, self->vendor, self->model, self->serial, self->wwn };
  g_autoptr (GString) id = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    g_string_append_printf (id, "%s%s", i > 0 ? ":" : "", words[i] != NULL ? words[i] : "");
  g_free (self->id);
  self->id_lasts = self->serial != NULL || self->wwn != NULL;
  if (self->id_lasts)
    self->id = g_strdup (id->str);
  else
    self->id = g_strdup_printf ("%s#%" G_GUINT64_FORMAT, self->device, self->appearance);
}

static gboolean
is_same_error (const GError *a, const GError *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->domain == b->domain && a->code == b->code && g_str_equal (a->message, b->message);
}

static gboolean
is_same_part (const ValiseDrivePart *a, const ValiseDrivePart *b)
{
  return a->number == b->number && a->size == b->size && a->used == b->used
         && a->stacked == b->stacked && a->use == b->use && g_strcmp0 (a->device, b->device) == 0
         && g_strcmp0 (a->type, b->type) == 0 && g_strcmp0 (a->label, b->label) == 0
         && g_strv_equal ((const char *const *) a->mounts, (const char *const *) b->mounts);
}

/**
 * valise_drive_facts_equal:
 * @a: facts
 * @b: facts
 *
 * Returns: whether both say the same
 */
gboolean
valise_drive_facts_equal (const ValiseDriveFacts *a, const ValiseDriveFacts *b)
{
  const struct
  {
    const char *a, *b;
  } texts[] = {
    { a->id, b->id },           { a->device, b->device }, { a->vendor, b->vendor },
    { a->model, b->model },     { a->serial, b->serial }, { a->wwn, b->wwn },
    { a->bus, b->bus },         { a->table, b->table },   { a->sort_key, b->sort_key },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_strcmp0 (texts[i].a, texts[i].b) != 0)
      return FALSE;
  if (a->id_lasts != b->id_lasts || a->number != b->number || a->appearance != b->appearance
      || a->size != b->size || a->speed != b->speed || a->removable != b->removable
      || a->ejectable != b->ejectable
      || a->can_power_off != b->can_power_off || a->optical != b->optical
      || a->has_medium != b->has_medium || a->read_only != b->read_only
      || a->parts->len != b->parts->len || !is_same_error (a->refusal, b->refusal)
      || !g_strv_equal ((const char *const *) a->symlinks, (const char *const *) b->symlinks))
    return FALSE;
  for (guint i = 0; i < a->parts->len; i++)
    if (!is_same_part (a->parts->pdata[i], b->parts->pdata[i]))
      return FALSE;
  return TRUE;
}

/**
 * valise_drive_facts_dup_name:
 * @self: facts
 *
 * Returns: (transfer full): vendor and model, for people; “Drive” where it says nothing
 */
char *
valise_drive_facts_dup_name (const ValiseDriveFacts *self)
{
  /* Many put the vendor into the model, too. */
  if (self->vendor != NULL && self->model != NULL && !g_str_has_prefix (self->model, self->vendor))
    return g_strdup_printf ("%s %s", self->vendor, self->model);
  if (self->model != NULL || self->vendor != NULL)
    return g_strdup (self->model != NULL ? self->model : self->vendor);
  /* Translators: a drive that does not say who made it. */
  return g_strdup (_("Drive"));
}
