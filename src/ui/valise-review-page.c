/* valise-review-page.c: the page that says what will happen, and asks once.
 *
 * Nothing is chosen here. What is ticked holds for the drives as they are shown: whenever what is
 * said of them changes, it must be ticked again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-notices-group.h"
#include "valise-review-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "core/valise-text.h"
#include "valise-accessible.h"
#include "valise-drive-check.h"
#include "valise-drive-text.h"
#include "valise-edition-row.h"
#include "valise-list-checks.h"
#include "valise-row-layout.h"

/* What drives take, in bytes per second: a good SSD and a poor stick. */
#define FAST 300e6
#define SLOW 15e6

/* What drives give, as a multiple of that. */
#define READING 2

/* How much of a bus is left for data. */
#define BUS_SHARE 0.7

struct _ValiseReviewPage
{
  ValisePage parent_instance;

  AdwActionRow *edition_row;
  AdwActionRow *options_row;
  AdwActionRow *drivers_row;
  AdwActionRow *time_row;
  ValiseNoticesGroup *notices_group;
  AdwPreferencesGroup *drives_group;
  GtkListBox *drives_list;
  char *shown; /* (nullable): what is said of the drives; what the user agrees to */
  AdwActionRow *agree_row;
  GtkCheckButton *agree_button;
  GtkButton *write_button;
};

G_DEFINE_FINAL_TYPE (ValiseReviewPage, valise_review_page, VALISE_TYPE_PAGE)

static ValiseChoices *
get_choices (ValiseReviewPage *self)
{
  return valise_page_get_choices (VALISE_PAGE (self));
}

static GListModel *
get_drives (ValiseReviewPage *self)
{
  return valise_choices_get_drives (get_choices (self));
}

/* ---- in words ---- */

static char *
format_duration (double seconds)
{
  guint minutes = MAX ((guint) (seconds / 60 + 0.5), 1);
  guint hours = (minutes + 30) / 60;

  if (minutes < 90)
    return g_strdup_printf (ngettext ("%u minute", "%u minutes", minutes), minutes);
  return g_strdup_printf (ngettext ("%u hour", "%u hours", hours), hours);
}

/* The drives are written at once, and the slowest bus counts. */
static double
get_seconds (ValiseReviewPage *self, double rate)
{
  const ValiseEdition *edition = valise_choices_get_edition (get_choices (self));
  double bytes = edition->bytes - edition->hard_link_bytes;

  for (guint i = 0; i < g_list_model_get_n_items (get_drives (self)); i++)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (get_drives (self), i);
      const ValiseDriveFacts *facts = valise_drive_get_facts (drive);

      if (facts->speed > 0)
        rate = MIN (rate, facts->speed / 8 * BUS_SHARE);
    }
  return bytes / rate
         + (valise_choices_get_verify (get_choices (self)) ? bytes / rate / READING : 0);
}

static void
describe_time (ValiseReviewPage *self)
{
  g_autofree char *shortest = format_duration (get_seconds (self, FAST));
  g_autofree char *longest = format_duration (get_seconds (self, SLOW));
  g_autofree char *text = NULL;

  if (g_str_equal (shortest, longest))
    /* Translators: %s is a duration, such as “1 minute”. */
    text = g_strdup_printf (_("About %s"), shortest);
  else
    /* Translators: two durations, such as “2 minutes” and “1 hour”. */
    text = g_strdup_printf (_("Between %s with fast drives and %s with slow ones"), shortest,
                            longest);
  adw_action_row_set_subtitle (self->time_row, text);
}

/* What the one that was chosen really is: an image may have only the one of 2023. */
static char *
describe_boot_manager (ValiseChoices *choices)
{
  const ValiseBootFiles *boot
      = valise_inspect_job_find_boot_files (valise_choices_get_inspection (choices),
                                            valise_choices_get_edition (choices)->index);
  const ValiseSignature *signature;

  if (boot == NULL)
    return g_strdup (_("Boot manager of the image"));
  signature
      = &valise_boot_files_choose (boot, valise_choices_get_boot_manager (choices))->signature;
  if (signature->state != VALISE_SIGNATURE_GOOD)
    return g_strdup (_("Boot manager without a valid signature"));
  switch (signature->ca)
    {
    case VALISE_SIGNING_CA_2011:
      return g_strdup (_("Boot manager signed with 2011"));
    case VALISE_SIGNING_CA_2023:
      return g_strdup (_("Boot manager signed with 2023"));
    case VALISE_SIGNING_CA_OTHER:
    default:
      /* Translators: the name of a certificate's owner. */
      return g_strdup_printf (_("Boot manager signed by “%s”"), signature->issuer);
    }
}

static void
describe_image (ValiseReviewPage *self)
{
  ValiseInspectJob *inspection = valise_choices_get_inspection (get_choices (self));
  const ValiseEdition *edition = valise_choices_get_edition (get_choices (self));
  g_autofree char *file = valise_text_file_name (valise_inspect_job_get_path (inspection));
  g_autofree char *details = valise_edition_row_describe (edition);
  g_autofree char *subtitle = g_strdup_printf ("%s\n%s", details, file);
  const ValiseAnswers *answers
      = &valise_choices_get_profile (get_choices (self))->setup.answers;
  g_autofree char *account = NULL;
  g_autofree char *computer = NULL;
  g_autofree char *manager = describe_boot_manager (get_choices (self));
  const char *lines[16] = { NULL };
  guint n = 0;
  g_autofree char *options = NULL;

  lines[n++] = valise_choices_get_layout (get_choices (self)) == VALISE_PLAN_LAYOUT_MBR
                   ? _("For old and new PCs (BIOS and UEFI)")
                   : _("For new PCs (UEFI)");
  lines[n++] = manager;
  if (valise_choices_get_profile (get_choices (self))->container != VALISE_CONTAINER_NONE)
    lines[n++] = _("Windows lies in a virtual disk file on the drive");
  lines[n++] = valise_choices_get_verify (get_choices (self))
                   ? _("Drives are read back and compared")
                   : _("Drives are not read back: faults of a drive will not be found");
  if (valise_choices_get_profile (get_choices (self))->compact != VALISE_COMPACT_MODE_OFF)
    lines[n++] = _("Windows is compressed; that it starts so has not been confirmed yet");
  if (valise_choices_get_allow_encrypted (get_choices (self)))
    lines[n++] = _("Encrypted files of the image come out empty");
  if (valise_choices_get_eject (get_choices (self)))
    lines[n++] = _("Finished drives are powered off");
  if (answers->account != VALISE_ACCOUNT_ASK && answers->account_name != NULL)
    /* Translators: the name of an account in Windows. */
    lines[n++] = account = g_strdup_printf (_("Account “%s”"), answers->account_name);
  if (answers->computer_name != NULL)
    /* Translators: a computer's name, or a pattern for several. */
    lines[n++] = computer = g_strdup_printf (_("Computer name: %s"), answers->computer_name);
  if (valise_choices_get_profile (get_choices (self))->setup.policies.bitlocker)
    lines[n++] = _("Windows encrypts the drive at the first sign-in");
  options = g_strjoinv ("\n", (char **) lines);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->edition_row), edition->name);
  adw_action_row_set_subtitle (self->edition_row, subtitle);
  adw_action_row_set_subtitle (self->options_row, options);
}

/* What the page of options has found in the folders. */
static void
describe_drivers (ValiseReviewPage *self)
{
  const GPtrArray *drivers = valise_choices_get_drivers (get_choices (self));
  g_autofree char *text = drivers != NULL ? valise_list_describe_drivers (drivers) : NULL;

  adw_action_row_set_subtitle (self->drivers_row, text);
  gtk_widget_set_visible (GTK_WIDGET (self->drivers_row), text != NULL);
}

/* ---- the drives ---- */

/* What is said of a drive below its name; whether it can be written. */
static char *
describe_drive (ValiseReviewPage *self, ValiseDrive *drive, gboolean *ok)
{
  const ValiseDriveFacts *facts = valise_drive_get_facts (drive);
  g_autofree char *details = valise_drive_text_details (facts);
  g_autofree char *contents = valise_drive_text_contents (facts);
  GString *subtitle = g_string_new (details);
  g_autoptr (GError) error = NULL;

  g_string_append_printf (subtitle, "\n%s", contents);
  if (!valise_drive_get_present (drive))
    g_string_append_printf (subtitle, "\n%s",
                            _("It was pulled out. Plug it in again, or go back and choose."));
  else if (!valise_drive_check (get_choices (self), drive, &error)
           || !valise_drive_check_fit (get_choices (self), drive, &error))
    g_string_append_printf (subtitle, "\n%s", error->message);
  *ok = valise_drive_get_present (drive) && error == NULL;
  return g_string_free (subtitle, FALSE);
}

/* What is said of all of them; whether they can be written. */
static char *
describe_drives (ValiseReviewPage *self, gboolean *ok)
{
  GString *text = g_string_new (NULL);

  *ok = g_list_model_get_n_items (get_drives (self)) > 0;
  for (guint i = 0; i < g_list_model_get_n_items (get_drives (self)); i++)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (get_drives (self), i);
      g_autofree char *name = valise_drive_text_name (valise_drive_get_facts (drive));
      gboolean drive_ok;
      g_autofree char *subtitle = describe_drive (self, drive, &drive_ok);

      g_string_append_printf (text, "%s\n%s\n", name, subtitle);
      *ok = *ok && drive_ok;
    }
  return g_string_free (text, FALSE);
}

static GtkWidget *
make_row (ValiseReviewPage *self, ValiseDrive *drive)
{
  const ValiseDriveFacts *facts = valise_drive_get_facts (drive);
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "activatable", FALSE,
                                 "title-lines", 0, "subtitle-lines", 0, NULL);
  GtkWidget *icon = gtk_image_new_from_icon_name (valise_drive_text_icon (facts));
  g_autofree char *name = valise_drive_text_name (facts);
  gboolean ok;
  g_autofree char *subtitle = describe_drive (self, drive, &ok);

  valise_row_layout_apply (row);
  gtk_image_set_icon_size (GTK_IMAGE (icon), GTK_ICON_SIZE_LARGE);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  if (!ok)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                               gtk_image_new_from_icon_name ("dialog-warning-symbolic"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  valise_accessible_describe (row, subtitle);
  return row;
}

static void
update_complete (ValiseReviewPage *self)
{
  valise_page_set_complete (VALISE_PAGE (self),
                            gtk_widget_get_sensitive (GTK_WIDGET (self->agree_row))
                                && gtk_check_button_get_active (self->agree_button));
}

static void
update_drives (ValiseReviewPage *self)
{
  guint n = g_list_model_get_n_items (get_drives (self));
  gboolean ok;
  g_autofree char *shown = describe_drives (self, &ok);
  g_autofree char *sentence = g_strdup_printf (
      ngettext ("Everything on this %u drive may be erased.",
                "Everything on these %u drives may be erased.", n),
      n);
  /* Translators: what the button does. */
  g_autofree char *label = g_strdup_printf (
      ngettext ("_Erase and Write %u Drive", "_Erase and Write %u Drives", n), n);
  GtkWidget *row;

  /* What the user has agreed to stays agreed to where all of it is as it was. */
  if (g_strcmp0 (self->shown, shown) == 0)
    return;
  g_free (self->shown);
  self->shown = g_steal_pointer (&shown);
  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->drives_list))) != NULL)
    gtk_list_box_remove (self->drives_list, row);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (get_drives (self), i);

      gtk_list_box_append (self->drives_list, make_row (self, drive));
    }
  adw_preferences_group_set_title (
      self->drives_group,
      ngettext ("This Drive Will Be Erased", "These Drives Will Be Erased", n));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->agree_row), sentence);
  gtk_button_set_label (self->write_button, label);
  gtk_widget_set_sensitive (GTK_WIDGET (self->agree_row), ok);
  /* Screen readers would call it usable still. */
  gtk_widget_set_sensitive (GTK_WIDGET (self->agree_button), ok);
  gtk_check_button_set_active (self->agree_button, FALSE);
  update_complete (self);
}

static void
drive_cb (ValiseReviewPage *self)
{
  /* What is not on the screen is brought up to date when it is entered. */
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    update_drives (self);
}

static void
chosen_cb (GListModel *drives, guint position, guint removed, guint added, ValiseReviewPage *self)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (drives, i);

      /* One that was chosen before must not be connected twice. */
      g_signal_handlers_disconnect_by_func (drive, drive_cb, self);
      g_signal_connect_object (drive, "changed", G_CALLBACK (drive_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (drive, "notify::present", G_CALLBACK (drive_cb), self,
                               G_CONNECT_SWAPPED);
    }
  drive_cb (self);
}

/* ---- the page ---- */

static void
valise_review_page_entered (ValisePage *page)
{
  ValiseReviewPage *self = VALISE_REVIEW_PAGE (page);

  describe_image (self);
  describe_drivers (self);
  describe_time (self);
  g_clear_pointer (&self->shown, g_free);
  update_drives (self);
}

static void
valise_review_page_apply_async (ValisePage *page,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer data)
{
  g_autoptr (GTask) task = g_task_new (page, cancellable, callback, data);
  GError *error = NULL;

  g_task_set_source_tag (task, valise_review_page_apply_async);
  if (valise_choices_make_job (valise_page_get_choices (page), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
valise_review_page_constructed (GObject *object)
{
  ValiseReviewPage *self = VALISE_REVIEW_PAGE (object);

  G_OBJECT_CLASS (valise_review_page_parent_class)->constructed (object);
  g_signal_connect_object (get_drives (self), "items-changed", G_CALLBACK (chosen_cb), self, 0);
  g_signal_connect_object (get_choices (self), "sizes-changed", G_CALLBACK (drive_cb), self,
                           G_CONNECT_SWAPPED);
  valise_notices_group_set_choices (self->notices_group, get_choices (self), VALISE_NOTICES_ALL);
}

static void
valise_review_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), VALISE_TYPE_REVIEW_PAGE);
  G_OBJECT_CLASS (valise_review_page_parent_class)->dispose (object);
}

static void
valise_review_page_finalize (GObject *object)
{
  g_free (VALISE_REVIEW_PAGE (object)->shown);
  G_OBJECT_CLASS (valise_review_page_parent_class)->finalize (object);
}

static void
valise_review_page_class_init (ValiseReviewPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->constructed = valise_review_page_constructed;
  G_OBJECT_CLASS (klass)->dispose = valise_review_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = valise_review_page_finalize;
  VALISE_PAGE_CLASS (klass)->entered = valise_review_page_entered;
  VALISE_PAGE_CLASS (klass)->apply_async = valise_review_page_apply_async;

  g_type_ensure (VALISE_TYPE_NOTICES_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/valise-review-page.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseReviewPage, edition_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseReviewPage, options_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseReviewPage, drivers_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseReviewPage, time_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseReviewPage, notices_group);
  gtk_widget_class_bind_template_child (widget_class, ValiseReviewPage, drives_group);
  gtk_widget_class_bind_template_child (widget_class, ValiseReviewPage, drives_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseReviewPage, agree_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseReviewPage, agree_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseReviewPage, write_button);
  gtk_widget_class_bind_template_callback (widget_class, update_complete);
}

static void
valise_review_page_init (ValiseReviewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
