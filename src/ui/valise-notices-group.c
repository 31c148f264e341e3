/* valise-notices-group.c: what to know of the image on the chosen drives, in rows.
 *
 * It follows the choices, and is not there while there is nothing to say.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-notices-group.h"

#include <glib/gi18n.h>

#include "devices/valise-removable-bit.h"
#include "jobs/valise-warnings.h"

#include "valise-row-layout.h"

struct _ValiseNoticesGroup
{
  AdwPreferencesGroup parent_instance;

  ValiseChoices *choices; /* lives longer than the window's pages */
  ValiseNoticesScope scope;
  GPtrArray *rows; /* GtkWidget, the group's */
};

G_DEFINE_FINAL_TYPE (ValiseNoticesGroup, valise_notices_group, ADW_TYPE_PREFERENCES_GROUP)

/* Of several drives the one with more to say counts. A file in sysfs, read from memory. */
static ValiseWarningDrive
get_drive (ValiseNoticesGroup *self)
{
  GListModel *drives = valise_choices_get_drives (self->choices);
  ValiseWarningDrive kind = VALISE_WARNING_DRIVE_UNKNOWN;

  for (guint i = 0; i < g_list_model_get_n_items (drives); i++)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (drives, i);
      const char *device = valise_drive_get_facts (drive)->device;

      if (device != NULL && valise_removable_bit_is_set (device))
        return VALISE_WARNING_DRIVE_REMOVABLE;
      kind = VALISE_WARNING_DRIVE_FIXED;
    }
  return kind;
}

static gboolean
is_shown (ValiseNoticesGroup *self, const ValiseWarning *warning)
{
  return self->scope == VALISE_NOTICES_ALL
         || (self->scope == VALISE_NOTICES_START)
                == g_str_has_prefix (warning->id, "boot-manager");
}

static void
add_row (ValiseNoticesGroup *self, const ValiseWarning *warning)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "activatable", FALSE,
                                 "title-lines", 0, NULL);
  GtkWidget *icon = gtk_image_new_from_icon_name (
      warning->is_note ? "dialog-information-symbolic" : "dialog-warning-symbolic");

  if (!warning->is_note)
    gtk_widget_add_css_class (icon, "warning");
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  warning->is_note ? _("Note") : _("Warning"), -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), warning->text);
  valise_row_layout_apply (row);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
  g_ptr_array_add (self->rows, row);
}

static void
update (ValiseNoticesGroup *self)
{
  const ValiseEdition *edition = valise_choices_get_edition (self->choices);
  ValiseInspectJob *inspection = valise_choices_get_inspection (self->choices);

  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  if (edition != NULL && inspection != NULL)
    {
      const ValiseWarningFacts facts = {
        .edition = edition,
        .boot = valise_inspect_job_find_boot_files (inspection, edition->index),
        .boot_manager = valise_choices_get_boot_manager (self->choices),
        .drive = get_drive (self),
        .is_vhd = valise_choices_get_profile (self->choices)->container != VALISE_CONTAINER_NONE,
      };
      g_autoptr (GPtrArray) warnings = valise_warnings_find (&facts);

      for (guint i = 0; i < warnings->len; i++)
        if (is_shown (self, warnings->pdata[i]))
          add_row (self, warnings->pdata[i]);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), self->rows->len > 0);
}

/**
 * valise_notices_group_set_choices:
 * @self: a group
 * @choices: (transfer none): what it is about; must stay
 * @scope: what to show
 *
 * To be called once.
 */
void
valise_notices_group_set_choices (ValiseNoticesGroup *self,
                                  ValiseChoices *choices,
                                  ValiseNoticesScope scope)
{
  g_return_if_fail (self->choices == NULL);

  self->choices = choices;
  self->scope = scope;
  g_signal_connect_object (choices, "notify::inspection", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (choices, "notify::edition-index", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (choices, "notify::boot-manager", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (choices, "profile-loaded", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (valise_choices_get_drives (choices), "items-changed",
                           G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
valise_notices_group_finalize (GObject *object)
{
  g_ptr_array_unref (VALISE_NOTICES_GROUP (object)->rows);
  G_OBJECT_CLASS (valise_notices_group_parent_class)->finalize (object);
}

static void
valise_notices_group_class_init (ValiseNoticesGroupClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_notices_group_finalize;
}

static void
valise_notices_group_init (ValiseNoticesGroup *self)
{
  self->rows = g_ptr_array_new ();
}
