/* valise-drive.c: a drive that people may plug in, as lists show it.
 *
 * It stays the same object while it is pulled out, as long as somebody holds it: who has chosen a
 * drive sees it go and come back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive.h"

struct _ValiseDrive
{
  GObject parent_instance;

  ValiseDriveFacts *facts;
  gboolean present;
};

G_DEFINE_FINAL_TYPE (ValiseDrive, valise_drive, G_TYPE_OBJECT)

enum
{
  PROP_PRESENT = 1,
  N_PROPERTIES
};

enum
{
  CHANGED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

static void
valise_drive_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  ValiseDrive *self = VALISE_DRIVE (object);

  if (id == PROP_PRESENT)
    g_value_set_boolean (value, self->present);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
valise_drive_finalize (GObject *object)
{
  ValiseDrive *self = VALISE_DRIVE (object);

  g_clear_pointer (&self->facts, valise_drive_facts_free);
  G_OBJECT_CLASS (valise_drive_parent_class)->finalize (object);
}

static void
valise_drive_class_init (ValiseDriveClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = valise_drive_get_property;
  object_class->finalize = valise_drive_finalize;

  /**
   * ValiseDrive:present:
   *
   * Whether the drive is plugged in.
   */
  properties[PROP_PRESENT]
      = g_param_spec_boolean ("present", NULL, NULL, TRUE,
                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * ValiseDrive::changed:
   * @self: a drive
   *
   * What is known of the drive is not what it was.
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_drive_init (ValiseDrive *self)
{
}

/**
 * valise_drive_new:
 * @facts: (transfer full): what is known of it
 *
 * Returns: (transfer full): a drive that is plugged in
 */
ValiseDrive *
valise_drive_new (ValiseDriveFacts *facts)
{
  ValiseDrive *self = g_object_new (VALISE_TYPE_DRIVE, NULL);

  self->facts = facts;
  self->present = TRUE;
  return self;
}

/**
 * valise_drive_get_facts:
 * @self: a drive
 *
 * Returns: (transfer none): what is known of it, until ValiseDrive::changed; the last that was
 *   known, if it is not plugged in
 */
const ValiseDriveFacts *
valise_drive_get_facts (ValiseDrive *self)
{
  return self->facts;
}

/**
 * valise_drive_get_present:
 * @self: a drive
 *
 * Returns: whether it is plugged in
 */
gboolean
valise_drive_get_present (ValiseDrive *self)
{
  return self->present;
}

/**
 * valise_drive_is_offered:
 * @self: a drive
 *
 * Returns: whether it is shown without being asked for: it may be erased, and is no part of the
 *   computer
 */
gboolean
valise_drive_is_offered (ValiseDrive *self)
{
  return self->facts->removable && self->facts->refusal == NULL;
}

/**
 * valise_drive_get_refusal:
 * @self: a drive
 *
 * Returns: (transfer none) (nullable): why it is never erased
 */
const GError *
valise_drive_get_refusal (ValiseDrive *self)
{
  return self->facts->refusal;
}

/**
 * valise_drive_set_facts:
 * @self: a drive
 * @facts: (transfer full): what is known of it now; its id is that of @self
 *
 * For the list. The drive is plugged in.
 */
void
valise_drive_set_facts (ValiseDrive *self, ValiseDriveFacts *facts)
{
  g_autoptr (ValiseDriveFacts) old = g_steal_pointer (&self->facts);

  g_return_if_fail (g_str_equal (old->id, facts->id));

  self->facts = facts;
  if (!valise_drive_facts_equal (old, facts))
    g_signal_emit (self, signals[CHANGED], 0);
  if (self->present)
    return;
  self->present = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRESENT]);
}

/**
 * valise_drive_set_gone:
 * @self: a drive
 *
 * For the list: the drive was pulled out.
 */
void
valise_drive_set_gone (ValiseDrive *self)
{
  if (!self->present)
    return;
  self->present = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRESENT]);
}
