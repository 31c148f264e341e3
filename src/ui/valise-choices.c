/* valise-choices.c: what the user has chosen so far.
 *
 * The only thing that the pages share. Each page writes its own part and may read the others; all
 * of it is for the main thread. In the end it makes a plan, which checks it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-choices.h"

#include <glib/gi18n.h>
#include <string.h>

#include "boot/valise-computer-name.h"
#include "boot/valise-bios.h"
#include "core/valise-error.h"
#include "valise-drive-check.h"
#include "valise-drive-text.h"

struct _ValiseChoices
{
  GObject parent_instance;

  GFile *source;
  ValiseInspectJob *inspection; /* of the source, once it could be read */
  guint edition_index;          /* counted from 1; 0 for none */

  GListStore *drives; /* those chosen */

  guint layout;       /* ValisePlanLayout */
  guint boot_manager; /* ValiseBootManager */
  gboolean verify;
  gboolean allow_encrypted;
  gboolean eject;
  ValiseProfile profile; /* the rest; what stands above is not kept up to date in it */

  GPtrArray *drivers; /* (nullable): ValiseDriverPackage: what is in the chosen folders */

  ValiseJobModel *job; /* what the user agreed to, until other drives are chosen */
  GPtrArray *job_drives; /* the ValiseDrive of each of its drives */
};

G_DEFINE_FINAL_TYPE (ValiseChoices, valise_choices, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_SOURCE,
  PROP_INSPECTION,
  PROP_EDITION_INDEX,
  PROP_DRIVES,
  PROP_LAYOUT,
  PROP_BOOT_MANAGER,
  PROP_COMPACT,
  PROP_VERIFY,
  PROP_ALLOW_ENCRYPTED,
  PROP_EJECT,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];
static guint profile_loaded_signal;
static guint sizes_changed_signal;

static void
valise_choices_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  ValiseChoices *self = VALISE_CHOICES (object);

  switch (id)
    {
    case PROP_SOURCE:
      g_value_set_object (value, self->source);
      break;
    case PROP_INSPECTION:
      g_value_set_object (value, self->inspection);
      break;
    case PROP_EDITION_INDEX:
      g_value_set_uint (value, self->edition_index);
      break;
    case PROP_DRIVES:
      g_value_set_object (value, self->drives);
      break;
    case PROP_LAYOUT:
      g_value_set_uint (value, self->layout);
      break;
    case PROP_BOOT_MANAGER:
      g_value_set_uint (value, self->boot_manager);
      break;
    case PROP_COMPACT:
      g_value_set_uint (value, self->profile.compact);
      break;
    case PROP_VERIFY:
      g_value_set_boolean (value, self->verify);
      break;
    case PROP_ALLOW_ENCRYPTED:
      g_value_set_boolean (value, self->allow_encrypted);
      break;
    case PROP_EJECT:
      g_value_set_boolean (value, self->eject);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
set_boolean (ValiseChoices *self, gboolean *where, gboolean value, guint property)
{
  if (*where == value)
    return;
  *where = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* What a drive must have may be another size now. */
static void
change_sizes (ValiseChoices *self)
{
  g_signal_emit (self, sizes_changed_signal, 0);
}

static void
valise_choices_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  ValiseChoices *self = VALISE_CHOICES (object);

  switch (id)
    {
    case PROP_SOURCE:
      valise_choices_set_source (self, g_value_get_object (value));
      break;
    case PROP_INSPECTION:
      valise_choices_set_inspection (self, g_value_get_object (value));
      break;
    case PROP_EDITION_INDEX:
      valise_choices_set_edition_index (self, g_value_get_uint (value));
      break;
    case PROP_LAYOUT:
      if (self->layout == g_value_get_uint (value))
        break;
      self->layout = g_value_get_uint (value);
      g_object_notify_by_pspec (object, spec);
      change_sizes (self);
      break;
    case PROP_BOOT_MANAGER:
      if (self->boot_manager == g_value_get_uint (value))
        break;
      self->boot_manager = g_value_get_uint (value);
      g_object_notify_by_pspec (object, spec);
      break;
    case PROP_COMPACT:
      if (self->profile.compact == g_value_get_uint (value))
        return;
      self->profile.compact = g_value_get_uint (value);
      g_object_notify_by_pspec (object, spec);
      change_sizes (self);
      break;
    case PROP_VERIFY:
      set_boolean (self, &self->verify, g_value_get_boolean (value), id);
      break;
    case PROP_ALLOW_ENCRYPTED:
      set_boolean (self, &self->allow_encrypted, g_value_get_boolean (value), id);
      break;
    case PROP_EJECT:
      set_boolean (self, &self->eject, g_value_get_boolean (value), id);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
valise_choices_finalize (GObject *object)
{
  ValiseChoices *self = VALISE_CHOICES (object);

  g_clear_object (&self->source);
  g_clear_object (&self->inspection);
  g_clear_object (&self->drives);
  g_clear_object (&self->job);
  g_clear_pointer (&self->drivers, g_ptr_array_unref);
  valise_profile_clear (&self->profile);
  g_clear_pointer (&self->job_drives, g_ptr_array_unref);
  G_OBJECT_CLASS (valise_choices_parent_class)->finalize (object);
}

static void
valise_choices_class_init (ValiseChoicesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = valise_choices_get_property;
  object_class->set_property = valise_choices_set_property;
  object_class->finalize = valise_choices_finalize;

  properties[PROP_SOURCE] = g_param_spec_object ("source", NULL, NULL, G_TYPE_FILE, flags);
  properties[PROP_INSPECTION]
      = g_param_spec_object ("inspection", NULL, NULL, VALISE_TYPE_INSPECT_JOB, flags);
  properties[PROP_EDITION_INDEX]
      = g_param_spec_uint ("edition-index", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_DRIVES]
      = g_param_spec_object ("drives", NULL, NULL, G_TYPE_LIST_MODEL,
                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_LAYOUT]
      = g_param_spec_uint ("layout", NULL, NULL, VALISE_PLAN_LAYOUT_GPT, VALISE_PLAN_LAYOUT_MBR,
                           VALISE_PLAN_LAYOUT_GPT, flags);
  properties[PROP_BOOT_MANAGER]
      = g_param_spec_uint ("boot-manager", NULL, NULL, VALISE_BOOT_MANAGER_2011,
                           VALISE_BOOT_MANAGER_2023, VALISE_BOOT_MANAGER_2011, flags);
  properties[PROP_COMPACT]
      = g_param_spec_uint ("compact", NULL, NULL, VALISE_COMPACT_MODE_OFF, VALISE_COMPACT_MODE_AUTO,
                           VALISE_COMPACT_MODE_OFF, flags);
  properties[PROP_VERIFY] = g_param_spec_boolean ("verify", NULL, NULL, TRUE, flags);
  properties[PROP_ALLOW_ENCRYPTED]
      = g_param_spec_boolean ("allow-encrypted", NULL, NULL, FALSE, flags);
  properties[PROP_EJECT] = g_param_spec_boolean ("eject", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  sizes_changed_signal
      = g_signal_new ("sizes-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 0);
  profile_loaded_signal
      = g_signal_new ("profile-loaded", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 0);
}

static void
valise_choices_init (ValiseChoices *self)
{
  self->drives = g_list_store_new (VALISE_TYPE_DRIVE);
  self->boot_manager = VALISE_BOOT_MANAGER_2011;
  self->verify = TRUE;
  self->eject = TRUE;
  valise_profile_init (&self->profile);
  self->profile.setup.pc_region = TRUE;
}

/**
 * valise_choices_new:
 *
 * Returns: (transfer full): choices with nothing chosen, and the usual options
 */
ValiseChoices *
valise_choices_new (void)
{
  return g_object_new (VALISE_TYPE_CHOICES, NULL);
}

/**
 * valise_choices_get_source:
 * @self: choices
 *
 * Returns: (transfer none) (nullable): the image file that was chosen, readable or not
 */
GFile *
valise_choices_get_source (ValiseChoices *self)
{
  return self->source;
}

/**
 * valise_choices_set_source:
 * @self: choices
 * @source: (nullable): an image file
 *
 * Chooses another image file, or the same one again: it is read anew, and the edition is open.
 */
void
valise_choices_set_source (ValiseChoices *self, GFile *source)
{
  valise_choices_set_inspection (self, NULL);
  g_set_object (&self->source, source);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOURCE]);
}

/**
 * valise_choices_get_inspection:
 * @self: choices
 *
 * Returns: (transfer none) (nullable): what is known of the source, once it could be read
 */
ValiseInspectJob *
valise_choices_get_inspection (ValiseChoices *self)
{
  return self->inspection;
}

/**
 * valise_choices_set_inspection:
 * @self: choices
 * @inspection: (nullable): a finished inspection of the source
 */
void
valise_choices_set_inspection (ValiseChoices *self, ValiseInspectJob *inspection)
{
  valise_choices_set_edition_index (self, 0);
  if (!g_set_object (&self->inspection, inspection))
    return;
  if (inspection != NULL)
    g_signal_connect_object (inspection, "estimated", G_CALLBACK (change_sizes), self,
                             G_CONNECT_SWAPPED);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_INSPECTION]);
}

/**
 * valise_choices_get_edition:
 * @self: choices
 *
 * Returns: (transfer none) (nullable): the edition that was chosen; it lives as long as the
 *   inspection
 */
const ValiseEdition *
valise_choices_get_edition (ValiseChoices *self)
{
  if (self->inspection == NULL || self->edition_index == 0)
    return NULL;
  return valise_inspect_job_find_edition (self->inspection, self->edition_index);
}

/**
 * valise_choices_set_edition_index:
 * @self: choices
 * @index: the number of one of the inspection's editions, from 1; 0 for none
 */
void
valise_choices_set_edition_index (ValiseChoices *self, guint index)
{
  if (self->edition_index == index)
    return;
  self->edition_index = index;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EDITION_INDEX]);
}

/**
 * valise_choices_get_drives:
 * @self: choices
 *
 * Returns: (transfer none): the drives that were chosen, in that order
 */
GListModel *
valise_choices_get_drives (ValiseChoices *self)
{
  return G_LIST_MODEL (self->drives);
}

/**
 * valise_choices_has_drive:
 * @self: choices
 * @drive: a drive
 *
 * Returns: whether it was chosen
 */
gboolean
valise_choices_has_drive (ValiseChoices *self, ValiseDrive *drive)
{
  return g_list_store_find (self->drives, drive, NULL);
}

/**
 * valise_choices_add_drive:
 * @self: choices
 * @drive: a drive, chosen already or not
 */
void
valise_choices_add_drive (ValiseChoices *self, ValiseDrive *drive)
{
  if (!valise_choices_has_drive (self, drive))
    g_list_store_append (self->drives, drive);
}

/**
 * valise_choices_remove_drive:
 * @self: choices
 * @drive: a drive, chosen or not
 */
void
valise_choices_remove_drive (ValiseChoices *self, ValiseDrive *drive)
{
  guint position;

  if (g_list_store_find (self->drives, drive, &position))
    g_list_store_remove (self->drives, position);
}

/**
 * valise_choices_check_layout:
 * @self: choices
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: whether the edition, and this build, can start by BIOS; without an edition, whether this
 *   build can
 */
gboolean
valise_choices_check_layout (ValiseChoices *self, GError **error)
{
  const ValiseEdition *edition = valise_choices_get_edition (self);
  ValiseBootCode code;

  return valise_bios_get_boot_code (&code, error)
         && (edition == NULL
             || valise_bios_check_bootmgr (edition->architecture, edition->boots_bios,
                                           edition->bootmgr_bytes, error));
}

/**
 * valise_choices_get_layout:
 * @self: choices
 *
 * Returns: the partition table: GPT where the edition cannot do with the one that was chosen
 */
ValisePlanLayout
valise_choices_get_layout (ValiseChoices *self)
{
  return valise_choices_check_layout (self, NULL) ? self->layout : VALISE_PLAN_LAYOUT_GPT;
}

/**
 * valise_choices_get_boot_manager:
 * @self: choices
 *
 * Returns: which of the edition's boot managers starts the drive: the usual one where the edition
 *   does not have the one that was chosen for another
 */
ValiseBootManager
valise_choices_get_boot_manager (ValiseChoices *self)
{
  const ValiseEdition *edition = valise_choices_get_edition (self);

  if (edition != NULL && !edition->boots_ca2023)
    return VALISE_BOOT_MANAGER_2011;
  return self->boot_manager;
}

/**
 * valise_choices_get_verify:
 * @self: choices
 *
 * Returns: whether the drives are read back and compared
 */
gboolean
valise_choices_get_verify (ValiseChoices *self)
{
  return self->verify;
}

/**
 * valise_choices_get_allow_encrypted:
 * @self: choices
 *
 * Returns: whether to go on although encrypted files of the image come out empty
 */
gboolean
valise_choices_get_allow_encrypted (ValiseChoices *self)
{
  return self->allow_encrypted;
}

/**
 * valise_choices_get_eject:
 * @self: choices
 *
 * Returns: whether finished drives are powered off, so that they can be pulled out
 */
gboolean
valise_choices_get_eject (ValiseChoices *self)
{
  return self->eject;
}

/**
 * valise_choices_get_profile:
 * @self: choices
 *
 * Returns: (transfer none): how Windows is made its owner's, to be read and changed
 */
ValiseProfile *
valise_choices_get_profile (ValiseChoices *self)
{
  return &self->profile;
}

/**
 * valise_choices_get_choice:
 * @self: choices
 * @key: a key of the profile with a text
 *
 * Returns: (transfer full) (nullable): its value; %NULL where there is none
 */
char *
valise_choices_get_choice (ValiseChoices *self, const char *key)
{
  return valise_profile_get_text (&self->profile, key);
}

/**
 * valise_choices_set_choice:
 * @self: choices
 * @key: a key of the profile with a text
 * @value: its value; empty for none
 */
void
valise_choices_set_choice (ValiseChoices *self, const char *key, const char *value)
{
  if (*value == '\0')
    valise_profile_unset (&self->profile, key);
  else
    valise_profile_set (&self->profile, key, value, NULL);
}

/* The edition of the image that is open, by its id or name. */
static void
choose_edition (ValiseChoices *self, const char *edition)
{
  GPtrArray *editions
      = self->inspection != NULL ? valise_inspect_job_get_editions (self->inspection) : NULL;

  for (guint i = 0; edition != NULL && editions != NULL && i < editions->len; i++)
    {
      const ValiseEdition *candidate = g_ptr_array_index (editions, i);

      if (g_ascii_strcasecmp (candidate->edition_id, edition) == 0
          || g_str_equal (candidate->name, edition))
        {
          valise_choices_set_edition_index (self, candidate->index);
          return;
        }
    }
}

/**
 * valise_choices_load_profile:
 * @self: choices
 * @profile: (transfer none): what to choose from now on
 *
 * The image and the drives stay.
 */
void
valise_choices_load_profile (ValiseChoices *self, const ValiseProfile *profile)
{
  valise_profile_clear (&self->profile);
  valise_profile_copy (profile, &self->profile);
  choose_edition (self, profile->edition);
  g_object_set (self, "layout", profile->layout, "boot-manager", profile->boot_manager, "verify",
                !profile->no_verify, "allow-encrypted", profile->allow_encrypted, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPACT]);
  g_signal_emit (self, profile_loaded_signal, 0);
}

/* A command that nobody has typed yet. */
static void
drop_empty (char **list)
{
  guint n = 0;

  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    if (*list[i] == '\0')
      g_free (list[i]);
    else
      list[n++] = list[i];
  if (list != NULL)
    list[n] = NULL;
}

/* What is chosen for an account is kept while Windows is to ask for it, but not used. So is a
 * folder for recovery keys of what is not encrypted. */
static void
forget_unused (ValiseSetup *setup)
{
  ValiseAnswers *answers = &setup->answers;

  if (!setup->policies.bitlocker)
    g_clear_pointer (&setup->policies.bitlocker_recovery, g_free);
  if (setup->policies.client_certificates == NULL)
    g_clear_pointer (&setup->policies.client_password, g_free);
  drop_empty (answers->specialize_commands);
  drop_empty (answers->first_logon_commands);
  if (answers->account != VALISE_ACCOUNT_ASK)
    return;
  g_clear_pointer (&answers->account_name, g_free);
  g_clear_pointer (&answers->account_full_name, g_free);
  g_clear_pointer (&answers->account_password, g_free);
}

/**
 * valise_choices_dup_profile:
 * @self: choices
 *
 * Returns: (transfer full): everything that a profile can hold; to be cleared and freed
 */
ValiseProfile *
valise_choices_dup_profile (ValiseChoices *self)
{
  const ValiseEdition *edition = valise_choices_get_edition (self);
  ValiseProfile *copy = g_new0 (ValiseProfile, 1);

  valise_profile_copy (&self->profile, copy);
  copy->layout = self->layout;
  copy->boot_manager = self->boot_manager;
  copy->no_verify = !self->verify;
  copy->allow_encrypted = self->allow_encrypted;
  if (edition != NULL)
    {
      g_free (copy->edition);
      copy->edition
          = g_strdup (*edition->edition_id != '\0' ? edition->edition_id : edition->name);
    }
  forget_unused (&copy->setup);
  return copy;
}

/* The computers' names, as the job will make them. */
static gboolean
check_computers (ValiseChoices *self, const char *pattern, GError **error)
{
  const guint n = g_list_model_get_n_items (G_LIST_MODEL (self->drives));
  g_autofree ValiseNamedDrive *named = g_new0 (ValiseNamedDrive, n);
  g_autoptr (GPtrArray) drives = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < n; i++)
    {
      ValiseDrive *drive = g_list_model_get_item (G_LIST_MODEL (self->drives), i);
      const ValiseDriveFacts *facts = valise_drive_get_facts (drive);

      g_ptr_array_add (drives, drive);
      named[i] = (ValiseNamedDrive) { facts->device, facts->serial, i + 1 };
    }
  names = valise_computer_name_expand (pattern, named, n, error);
  return names != NULL;
}

static gboolean
check_sizes (ValiseChoices *self, GError **error)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->drives)); i++)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (G_LIST_MODEL (self->drives), i);

      if (valise_drive_get_present (drive) && !valise_drive_check_fit (self, drive, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * valise_choices_check_setup:
 * @self: choices with drives
 * @error: where to put an error of %VALISE_PLAN_ERROR or %VALISE_DRIVE_ERROR
 *
 * Returns: whether what was chosen for Windows fits together, and fits the drives
 */
gboolean
valise_choices_check_setup (ValiseChoices *self, GError **error)
{
  ValiseProfile *profile = valise_choices_dup_profile (self);
  const char *pattern = profile->setup.answers.computer_name;
  const gboolean ok = valise_profile_check (profile, error)
                      && (pattern == NULL || check_computers (self, pattern, error))
                      && check_sizes (self, error);

  valise_profile_clear (profile);
  g_free (profile);
  return ok;
}

/**
 * valise_choices_get_drivers:
 * @self: choices
 *
 * Returns: (transfer none) (nullable) (element-type ValiseDriverPackage): what was found in the
 *   folders of drivers
 */
const GPtrArray *
valise_choices_get_drivers (ValiseChoices *self)
{
  return self->drivers;
}

/**
 * valise_choices_take_drivers:
 * @self: choices
 * @drivers: (transfer full) (nullable) (element-type ValiseDriverPackage): what was found in the
 *   folders of drivers
 */
void
valise_choices_take_drivers (ValiseChoices *self, GPtrArray *drivers)
{
  g_clear_pointer (&self->drivers, g_ptr_array_unref);
  self->drivers = drivers;
}

/**
 * valise_choices_make_plan:
 * @self: choices with a source and an edition
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: (transfer full) (nullable): a checked plan
 */
ValisePlan *
valise_choices_make_plan (ValiseChoices *self, GError **error)
{
  g_autofree char *edition = g_strdup_printf ("%u", self->edition_index);
  ValisePlanOptions options = {
    .source = self->inspection != NULL ? valise_inspect_job_get_path (self->inspection) : NULL,
    .source_size = self->inspection != NULL ? valise_inspect_job_get_size (self->inspection) : 0,
    .source_time = self->inspection != NULL ? valise_inspect_job_get_time (self->inspection) : 0,
    .edition = self->edition_index != 0 ? edition : NULL,
    .layout = valise_choices_get_layout (self),
    .boot_manager = valise_choices_get_boot_manager (self),
    .compact = self->profile.compact,
    .verify = self->verify,
    .allow_encrypted = self->allow_encrypted,
    .cache_size = self->profile.cache_size,
    .container = self->profile.container,
    .container_size
    = self->profile.container != VALISE_CONTAINER_NONE ? self->profile.container_size : 0,
  };
  g_auto (ValiseSetup) setup = { 0 };

  valise_setup_copy (&self->profile.setup, &setup);
  forget_unused (&setup);
  options.setup = &setup;
  return valise_plan_new (&options, error);
}

/**
 * valise_choices_get_job:
 * @self: choices
 *
 * Returns: (transfer none) (nullable): the job that the user agreed to
 */
ValiseJobModel *
valise_choices_get_job (ValiseChoices *self)
{
  return self->job;
}

/**
 * valise_choices_set_job:
 * @self: choices
 * @job: (nullable): the job that the user agreed to
 */
void
valise_choices_set_job (ValiseChoices *self, ValiseJobModel *job)
{
  g_set_object (&self->job, job);
}

/**
 * valise_choices_make_job:
 * @self: choices with a source, an edition, and drives
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * The user agrees that the drives are erased: makes the job, which runs when the page of writing is
 * shown.
 *
 * Returns: whether there is a job now
 */
gboolean
valise_choices_make_job (ValiseChoices *self, GError **error)
{
  g_autoptr (ValisePlan) plan = valise_choices_make_plan (self, error);
  g_autoptr (ValiseJobModel) job = NULL;
  const guint n = g_list_model_get_n_items (G_LIST_MODEL (self->drives));

  if (plan == NULL)
    return FALSE;
  job = valise_job_model_new (plan, self->eject);
  g_clear_pointer (&self->job_drives, g_ptr_array_unref);
  self->job_drives = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (G_LIST_MODEL (self->drives), i);
      const ValiseDriveFacts *facts = valise_drive_get_facts (drive);
      g_autofree char *name = valise_drive_text_name (facts);
      const ValiseDriveChoice choice = { .path = facts->device,
                                         .size = facts->size,
                                         .number = facts->number,
                                         .source = valise_plan_get_options (plan)->source };

      valise_job_model_add_drive (job, name, &choice, facts->model, facts->serial);
      g_ptr_array_add (self->job_drives, g_object_ref (drive));
    }
  valise_choices_set_job (self, job);
  return TRUE;
}

static gboolean
is_finished (ValiseChoices *self, ValiseDrive *drive)
{
  guint index;
  g_autoptr (ValiseDriveJob) job = NULL;

  if (!g_ptr_array_find (self->job_drives, drive, &index))
    return FALSE;
  job = g_list_model_get_item (G_LIST_MODEL (self->job), index);
  return valise_drive_job_get_state (job) == VALISE_DRIVE_JOB_DONE;
}

/**
 * valise_choices_try_again:
 * @self: choices whose job has ended
 *
 * Gives up the job. Of its drives, those that are not finished stay chosen.
 */
void
valise_choices_try_again (ValiseChoices *self)
{
  g_return_if_fail (self->job != NULL && self->job_drives != NULL);

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->drives)); i > 0; i--)
    {
      g_autoptr (ValiseDrive) drive
          = g_list_model_get_item (G_LIST_MODEL (self->drives), i - 1);

      if (is_finished (self, drive))
        g_list_store_remove (self->drives, i - 1);
    }
  valise_choices_set_job (self, NULL);
}
