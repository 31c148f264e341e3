/* valise-options-page.c: the page of what can be chosen otherwise.
 *
 * The defaults are right for most people: the page is complete from the beginning.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-options-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "jobs/valise-setup-files.h"
#include "valise-account-options.h"
#include "valise-additions-options.h"
#include "valise-combo-row.h"
#include "valise-company-options.h"
#include "valise-drive-text.h"
#include "valise-notices-group.h"
#include "valise-container-options.h"
#include "valise-kept-options.h"
#include "valise-profile-menu.h"
#include "valise-region-options.h"
#include "valise-start-options.h"
#include "valise-windows-options.h"

struct _ValiseOptionsPage
{
  ValisePage parent_instance;

  ValiseProfileMenu *profile_menu;
  ValiseAccountOptions *account_options;
  ValiseRegionOptions *region_options;
  ValiseWindowsOptions *windows_options;
  ValiseStartOptions *start_options;
  ValiseContainerOptions *container_options;
  ValiseNoticesGroup *notices_group;
  ValiseCompanyOptions *company_options;
  ValiseAdditionsOptions *additions_options;
  ValiseKeptOptions *kept_options;
  AdwComboRow *compact_row;
  AdwActionRow *verify_row;
  GtkSwitch *verify_switch;
  AdwActionRow *encrypted_row;
  GtkSwitch *encrypted_switch;
  AdwActionRow *eject_row;
  GtkSwitch *eject_switch;
};

G_DEFINE_FINAL_TYPE (ValiseOptionsPage, valise_options_page, VALISE_TYPE_PAGE)

static void
bind (ValiseOptionsPage *self, const char *property, gpointer widget, const char *widget_property)
{
  g_object_bind_property (valise_page_get_choices (VALISE_PAGE (self)), property, widget,
                          widget_property, G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
}

/* ---- drives that are pulled out meanwhile ---- */

/* The page of review does not let them be written; here it is said, as soon as it is known. */
static void
present_cb (ValiseDrive *drive, GParamSpec *spec, ValiseOptionsPage *self)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (valise_drive_get_present (drive) || !gtk_widget_get_mapped (GTK_WIDGET (self))
      || !valise_choices_has_drive (valise_page_get_choices (VALISE_PAGE (self)), drive))
    return;
  name = valise_drive_text_name (valise_drive_get_facts (drive));
  /* Translators: %s is a drive’s name. */
  text = g_strdup_printf (
      _("“%s” was pulled out. Plug it in again, or go back and choose another."), name);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-toast", "s", text);
}

static void
drives_cb (GListModel *drives, guint position, guint removed, guint added, ValiseOptionsPage *self)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (drives, i);

      /* It may have been chosen before. */
      g_signal_handlers_disconnect_by_func (drive, present_cb, self);
      g_signal_connect_object (drive, "notify::present", G_CALLBACK (present_cb), self, 0);
    }
}

static void
valise_options_page_constructed (GObject *object)
{
  ValiseOptionsPage *self = VALISE_OPTIONS_PAGE (object);
  ValiseChoices *choices = valise_page_get_choices (VALISE_PAGE (self));

  G_OBJECT_CLASS (valise_options_page_parent_class)->constructed (object);
  valise_profile_menu_set_choices (self->profile_menu, choices);
  valise_account_options_set_choices (self->account_options, choices);
  valise_region_options_set_choices (self->region_options, choices);
  valise_windows_options_set_choices (self->windows_options, choices);
  valise_start_options_set_choices (self->start_options, choices);
  valise_container_options_set_choices (self->container_options, choices);
  valise_notices_group_set_choices (self->notices_group, choices, VALISE_NOTICES_START);
  valise_company_options_set_choices (self->company_options, choices);
  valise_additions_options_set_choices (self->additions_options, choices);
  valise_kept_options_set_choices (self->kept_options, choices);
  g_signal_connect_object (valise_choices_get_drives (choices), "items-changed",
                           G_CALLBACK (drives_cb), self, 0);
  /* The rows of the list are in the order of ValiseCompactMode. */
  bind (self, "compact", self->compact_row, "selected");
  bind (self, "verify", self->verify_switch, "active");
  bind (self, "allow-encrypted", self->encrypted_switch, "active");
  bind (self, "eject", self->eject_switch, "active");
}

/* ---- what does not fit together is told before the page is left ---- */

typedef struct
{
  ValiseProfile *profile;
  ValiseEdition *edition;
} Checking;

static void
checking_free (gpointer data)
{
  Checking *checking = data;

  valise_profile_clear (checking->profile);
  g_free (checking->profile);
  g_clear_pointer (&checking->edition, valise_edition_free);
  g_free (checking);
}

static void
check_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Checking *checking = data;
  g_autoptr (GPtrArray) drivers = NULL;
  GError *error = NULL;

  if (valise_setup_check_files (&checking->profile->setup, checking->edition, &drivers, &error))
    g_task_return_pointer (task, g_steal_pointer (&drivers), (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
valise_options_page_apply_async (ValisePage *page,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer data)
{
  ValiseChoices *choices = valise_page_get_choices (page);
  const ValiseEdition *edition = valise_choices_get_edition (choices);
  g_autoptr (GTask) task = g_task_new (page, cancellable, callback, data);
  GError *error = NULL;
  Checking *checking;

  g_task_set_source_tag (task, valise_options_page_apply_async);
  if (!valise_choices_check_setup (choices, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  checking = g_new0 (Checking, 1);
  checking->profile = valise_choices_dup_profile (choices);
  checking->edition = edition != NULL ? valise_edition_copy (edition) : NULL;
  g_task_set_task_data (task, checking, checking_free);
  g_task_run_in_thread (task, check_thread);
}

static gboolean
valise_options_page_apply_finish (ValisePage *page, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) cause = NULL;
  GPtrArray *drivers = g_task_propagate_pointer (G_TASK (result), &cause);

  if (cause != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  valise_choices_take_drivers (valise_page_get_choices (page), drivers);
  return TRUE;
}

static void
valise_options_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), VALISE_TYPE_OPTIONS_PAGE);
  G_OBJECT_CLASS (valise_options_page_parent_class)->dispose (object);
}

static void
valise_options_page_class_init (ValiseOptionsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->constructed = valise_options_page_constructed;
  G_OBJECT_CLASS (klass)->dispose = valise_options_page_dispose;
  VALISE_PAGE_CLASS (klass)->apply_async = valise_options_page_apply_async;
  VALISE_PAGE_CLASS (klass)->apply_finish = valise_options_page_apply_finish;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/valise-options-page.ui");
  g_type_ensure (VALISE_TYPE_COMBO_ROW);
  g_type_ensure (VALISE_TYPE_PROFILE_MENU);
  g_type_ensure (VALISE_TYPE_ACCOUNT_OPTIONS);
  g_type_ensure (VALISE_TYPE_REGION_OPTIONS);
  g_type_ensure (VALISE_TYPE_WINDOWS_OPTIONS);
  g_type_ensure (VALISE_TYPE_START_OPTIONS);
  g_type_ensure (VALISE_TYPE_CONTAINER_OPTIONS);
  g_type_ensure (VALISE_TYPE_NOTICES_GROUP);
  g_type_ensure (VALISE_TYPE_COMPANY_OPTIONS);
  g_type_ensure (VALISE_TYPE_ADDITIONS_OPTIONS);
  g_type_ensure (VALISE_TYPE_KEPT_OPTIONS);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, profile_menu);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, account_options);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, region_options);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, company_options);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, additions_options);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, kept_options);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, windows_options);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, start_options);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, container_options);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, notices_group);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, compact_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, verify_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, verify_switch);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, encrypted_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, encrypted_switch);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, eject_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseOptionsPage, eject_switch);
}

static void
valise_options_page_init (ValiseOptionsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
