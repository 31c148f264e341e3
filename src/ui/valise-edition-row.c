/* valise-edition-row.c: a row of the list of editions.
 *
 * The row is the radio button's label: it may be pressed anywhere.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-edition-row.h"

#include <glib/gi18n.h>

#include "core/valise-text.h"

#include "valise-accessible.h"
#include "valise-row-layout.h"

struct _ValiseEditionRow
{
  AdwActionRow parent_instance;

  guint index;
  GtkCheckButton *button;
};

G_DEFINE_FINAL_TYPE (ValiseEditionRow, valise_edition_row, ADW_TYPE_ACTION_ROW)

static void
valise_edition_row_class_init (ValiseEditionRowClass *klass)
{
}

static void
valise_edition_row_init (ValiseEditionRow *self)
{
  self->button = g_object_new (GTK_TYPE_CHECK_BUTTON, "accessible-role", GTK_ACCESSIBLE_ROLE_RADIO,
                               NULL);
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  adw_action_row_add_prefix (ADW_ACTION_ROW (self), GTK_WIDGET (self->button));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), GTK_WIDGET (self->button));
  valise_row_layout_apply (GTK_WIDGET (self));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (self), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 0);
}

static const char *
get_architecture (const ValiseEdition *edition)
{
  if (g_str_equal (edition->architecture, "amd64"))
    return _("64-bit PC (x64)");
  if (g_str_equal (edition->architecture, "arm64"))
    return _("ARM (ARM64)");
  if (g_str_equal (edition->architecture, "x86"))
    return _("32-bit PC (x86)");
  return NULL;
}

/**
 * valise_edition_row_describe:
 * @edition: an edition
 *
 * Returns: (transfer full): version, architecture, languages and size, for people
 */
char *
valise_edition_row_describe (const ValiseEdition *edition)
{
  g_autoptr (GStrvBuilder) parts = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  g_autofree char *languages = g_strjoinv (_(", "), edition->languages);
  g_autofree char *size = valise_text_size (edition->bytes - edition->hard_link_bytes);
  g_autofree char *unpacked = NULL;

  if (*edition->version != '\0')
    {
      /* Translators: %s is a version of Windows, such as “10.0.26100.1”. */
      g_autofree char *version = g_strdup_printf (_("Version %s"), edition->version);

      g_strv_builder_add (parts, version);
    }
  if (get_architecture (edition) != NULL)
    g_strv_builder_add (parts, get_architecture (edition));
  if (*languages != '\0')
    g_strv_builder_add (parts, languages);
  /* Translators: %s is a size: that of an edition's files, not of the compressed image. */
  unpacked = g_strdup_printf (_("%s unpacked"), size);
  g_strv_builder_add (parts, unpacked);
  list = g_strv_builder_end (parts);
  return g_strjoinv (" · ", list);
}

/**
 * valise_edition_row_new:
 * @edition: an edition; not needed any more afterwards
 *
 * Returns: (transfer floating): a row with a radio button; one that cannot be chosen says why
 */
ValiseEditionRow *
valise_edition_row_new (const ValiseEdition *edition)
{
  ValiseEditionRow *self = g_object_new (VALISE_TYPE_EDITION_ROW, NULL);
  g_autofree char *details = valise_edition_row_describe (edition);
  g_autofree char *subtitle = NULL;

  self->index = edition->index;
  if (edition->is_system)
    subtitle = g_steal_pointer (&details);
  else
    subtitle = g_strdup_printf ("%s\n%s", details, _("No Windows that could start from a drive."));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), edition->name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  /* The row names itself and the button by its title. */
  valise_accessible_describe (self->button, subtitle);
  valise_accessible_describe (self, subtitle);
  gtk_widget_set_sensitive (GTK_WIDGET (self), edition->is_system);
  return self;
}

/**
 * valise_edition_row_get_index:
 * @self: a row
 *
 * Returns: its edition's number in the source, from 1
 */
guint
valise_edition_row_get_index (ValiseEditionRow *self)
{
  return self->index;
}

/**
 * valise_edition_row_get_button:
 * @self: a row
 *
 * Returns: (transfer none): its radio button
 */
GtkCheckButton *
valise_edition_row_get_button (ValiseEditionRow *self)
{
  return self->button;
}
