/* valise-error-words.c: what errors are called where programs read: in events and reports.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-error-words.h"

#include "valise-error.h"

static const char *const source_codes[] = {
  "failed",         "unreadable",   "not-an-image",  "truncated",
  "corrupt",        "encrypted",    "no-image-in-iso", "part-missing",
  "not-a-system",   "no-such-edition", "unsupported",
};
G_STATIC_ASSERT (G_N_ELEMENTS (source_codes) == VALISE_SOURCE_ERROR_UNSUPPORTED + 1);

static const char *const drive_codes[] = {
  "failed",    "refused",     "too-small", "read-only", "in-use", "no-medium",
  "sector-size", "vanished",  "write",     "read",      "flush",  "mismatch",
  "false-size", "stalled",
};
G_STATIC_ASSERT (G_N_ELEMENTS (drive_codes) == VALISE_DRIVE_ERROR_STALLED + 1);

static const char *const system_codes[] = {
  "failed", "no-space", "no-memory", "not-authorized", "program-missing", "library",
  "no-udisks", "dismissed", "no-agent",
};
G_STATIC_ASSERT (G_N_ELEMENTS (system_codes) == VALISE_SYSTEM_ERROR_NO_AGENT + 1);

static const char *const plan_codes[] = { "invalid", "report" };
G_STATIC_ASSERT (G_N_ELEMENTS (plan_codes) == VALISE_PLAN_ERROR_REPORT + 1);

/**
 * valise_error_get_words:
 * @error: an error
 * @domain: (out): a word for its domain
 *
 * The words stay the same, whatever the language and the version.
 *
 * Returns: a word for its code
 */
const char *
valise_error_get_words (const GError *error, const char **domain)
{
  const struct
  {
    GQuark quark;
    const char *name;
    const char *const *codes;
    gsize n_codes;
  } domains[] = {
    { VALISE_SOURCE_ERROR, "source", source_codes, G_N_ELEMENTS (source_codes) },
    { VALISE_DRIVE_ERROR, "drive", drive_codes, G_N_ELEMENTS (drive_codes) },
    { VALISE_SYSTEM_ERROR, "system", system_codes, G_N_ELEMENTS (system_codes) },
    { VALISE_PLAN_ERROR, "plan", plan_codes, G_N_ELEMENTS (plan_codes) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (domains); i++)
    if (error->domain == domains[i].quark)
      {
        *domain = domains[i].name;
        return (gsize) error->code < domains[i].n_codes ? domains[i].codes[error->code] : "failed";
      }
  if (error->domain == G_OPTION_ERROR)
    {
      *domain = "plan";
      return "invalid";
    }
  *domain = "system";
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? "cancelled" : "failed";
}
