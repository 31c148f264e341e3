/* valise-plan.c: what is to be done to the drives: chosen once, checked at once, never changed.
 *
 * A plan is checked without opening anything: what depends on the image or on a drive is the
 * job's to check, before it writes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-plan.h"

#include <glib/gi18n-lib.h>

#include "boot/valise-bios.h"
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "volume/valise-volume-cache.h"

/* More would be a slip of the keyboard, or would leave nothing for the rest of the system. */
#define MAX_CACHE (64 * VALISE_GIB)

struct _ValisePlan
{
  gatomicrefcount ref_count;
  ValisePlanOptions options;
  char *source;
  char *edition;
  ValiseSetup setup;
};

static gboolean
check_container (const ValisePlanOptions *options, GError **error)
{
  const guint64 max = valise_container_kind_get_max_size (options->container);
  g_autofree char *size = NULL;
  g_autofree char *most = NULL;

  if (options->container == VALISE_CONTAINER_NONE && options->container_size != 0)
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                           _("A size was given for a virtual disk, but there is none. Choose its "
                             "format, too: VHDX or VHD."));
      return FALSE;
    }
  if (options->container_size <= max)
    return TRUE;
  size = g_format_size_full (options->container_size, G_FORMAT_SIZE_IEC_UNITS);
  most = g_format_size_full (max, G_FORMAT_SIZE_IEC_UNITS);
  /* Translators: both are sizes with their unit, such as “20.0 GiB”. */
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _("A virtual disk of %s is more than its format can have: choose at most %s."), size,
               most);
  return FALSE;
}

/**
 * valise_plan_new:
 * @options: what the user chose
 * @error: where to put an error, of the domain %VALISE_PLAN_ERROR
 *
 * Any thread.
 *
 * Returns: (transfer full): a plan, or %NULL
 */
ValisePlan *
valise_plan_new (const ValisePlanOptions *options, GError **error)
{
  ValisePlan *self;
  ValiseBootCode code;

  if (options->source == NULL || *options->source == '\0')
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                           _("No source was named. Choose an ISO, WIM, ESD or SWM file."));
      return NULL;
    }
  if (options->layout == VALISE_PLAN_LAYOUT_MBR && !valise_bios_get_boot_code (&code, error))
    return NULL;
  if (options->cache_size != 0
      && (options->cache_size < VALISE_VOLUME_CACHE_MIN_BUDGET || options->cache_size > MAX_CACHE))
    {
      g_autofree char *size = g_format_size_full (options->cache_size, G_FORMAT_SIZE_IEC_UNITS);

      /* Translators: %s is a size such as “3.0 MiB”. */
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   _("A cache of %s is not possible. Choose one between 16 MiB and 64 GiB; 128 MiB "
                     "are enough for any image."),
                   size);
      return NULL;
    }

  if (options->setup != NULL && !valise_setup_check (options->setup, error))
    return NULL;

  if (!check_container (options, error))
    return NULL;

  self = g_new0 (ValisePlan, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->source = g_canonicalize_filename (options->source, NULL);
  self->edition = g_strdup (options->edition);
  self->options = *options;
  self->options.source = self->source;
  self->options.edition = self->edition;
  if (options->setup != NULL)
    valise_setup_copy (options->setup, &self->setup);
  else
    valise_setup_init (&self->setup);
  self->options.setup = &self->setup;
  return self;
}

/**
 * valise_plan_ref:
 * @self: a plan
 *
 * Returns: (transfer full): @self
 */
ValisePlan *
valise_plan_ref (ValisePlan *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * valise_plan_unref:
 * @self: (transfer full): a plan
 */
void
valise_plan_unref (ValisePlan *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->source);
  g_free (self->edition);
  valise_setup_clear (&self->setup);
  g_free (self);
}

/**
 * valise_plan_get_options:
 * @self: a plan
 *
 * Returns: (transfer none): what was chosen, with defaults filled in and an absolute path
 */
const ValisePlanOptions *
valise_plan_get_options (const ValisePlan *self)
{
  return &self->options;
}
