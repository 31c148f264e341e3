/* valise-answer-reader.c: a user's own answer file, looked at before it is used.
 *
 * Windows says nothing of an answer file with a mistake in it, or stops at its first start with a
 * number. So the form is checked here: XML without a DTD (no entities, nothing from elsewhere), the
 * namespace, the passes, and that there is anything for this image's processor. Whether each
 * component knows its settings, only Windows knows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gi18n-lib.h>
#include <libxml/parser.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-text.h"
#include "valise-answer-file-private.h"

static gboolean
refuse (GError **error, long line, const char *words)
{
  if (line > 0)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 /* Translators: a line's number, and a sentence. */
                 _ ("The answer file is not one that Windows takes, at line %ld: %s"), line, words);
  else
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 /* Translators: a sentence. */
                 _ ("The answer file is not one that Windows takes: %s"), words);
  return FALSE;
}

static xmlDoc *
read_xml (GBytes *contents, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (contents, &size);
  xmlParserCtxt *context;
  xmlDoc *doc;

  if (size > VALISE_ANSWER_FILE_MAX)
    {
      refuse (error, 0, _ ("It is larger than 1 MiB."));
      return NULL;
    }
  context = xmlNewParserCtxt ();
  doc = xmlCtxtReadMemory (context, data != NULL ? data : "", size, "unattend.xml", NULL,
                           XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                               XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES);
  if (doc == NULL)
    {
      const xmlError *cause = xmlCtxtGetLastError (context);
      g_autofree char *words =
          valise_text_clean (cause != NULL && cause->message != NULL ? cause->message : "XML");

      refuse (error, cause != NULL ? cause->line : 0, g_strstrip (words));
    }
  xmlFreeParserCtxt (context);
  return doc;
}

/* What Windows does not look at in an image that was applied. */
static void
note_unused (ValiseAnswerFile *self, const xmlNode *settings)
{
  xmlChar *pass = xmlGetNoNsProp (settings, BAD_CAST "pass");

  if (g_strcmp0 ((const char *)pass, "windowsPE") == 0 ||
      g_strcmp0 ((const char *)pass, "offlineServicing") == 0)
    g_ptr_array_add (self->notes,
                     /* Translators: a configuration pass, such as “windowsPE”. */
                     g_strdup_printf (_ ("What the answer file has in the pass “%s” has no effect: "
                                         "this Windows is not installed by its setup."),
                                      (const char *)pass));
  xmlFree (pass);
}

/* Looks through a <settings>; says whether there is anything in it for the architecture. */
static gboolean
check_settings (ValiseAnswerFile *self,
                xmlNode *settings,
                guint *n_components,
                guint *n_fitting,
                GError **error)
{
  if (!valise_answer_pass_is_known (settings))
    return refuse (error, xmlGetLineNo (settings),
                   _ ("“settings” names no configuration pass of Windows (pass=\"specialize\")."));
  note_unused (self, settings);
  for (xmlNode *child = settings->children; child != NULL; child = child->next)
    {
      if (child->type != XML_ELEMENT_NODE)
        continue;
      if (!valise_answer_component_is (child, NULL, NULL))
        return refuse (error, xmlGetLineNo (child),
                       _ ("There is something else than a “component” with a name and a "
                          "processorArchitecture in “settings”."));
      *n_components += 1;
      if (valise_answer_component_is (child, NULL, self->architecture))
        *n_fitting += 1;
    }
  return TRUE;
}

static gboolean
check_passes_once (const xmlNode *root, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (xmlNode *child = root->children; child != NULL; child = child->next)
    {
      xmlChar *pass;
      gboolean is_new;

      if (!valise_answer_node_is (child, "settings"))
        continue;
      pass = xmlGetNoNsProp (child, BAD_CAST "pass");
      is_new = g_hash_table_add (seen, g_strdup (pass != NULL ? (const char *)pass : ""));
      xmlFree (pass);
      if (!is_new)
        return refuse (error, xmlGetLineNo (child),
                       _ ("There are two “settings” for one configuration pass."));
    }
  return TRUE;
}

static gboolean
check (ValiseAnswerFile *self, GError **error)
{
  xmlNode *root = xmlDocGetRootElement (self->doc);
  guint n_components = 0;
  guint n_fitting = 0;

  if (self->doc->intSubset != NULL || self->doc->extSubset != NULL)
    return refuse (error, 0, _ ("It has a document type (DOCTYPE). Take that out."));
  if (root == NULL || !valise_answer_node_is (root, "unattend"))
    return refuse (error, root != NULL ? xmlGetLineNo (root) : 0,
                   _ ("Its outermost element is not “unattend” of the namespace "
                      "“urn:schemas-microsoft-com:unattend”."));
  if (!check_passes_once (root, error))
    return FALSE;
  self->ns = root->ns;
  for (xmlNode *child = root->children; child != NULL; child = child->next)
    if (valise_answer_node_is (child, "settings") &&
        !check_settings (self, child, &n_components, &n_fitting, error))
      return FALSE;
  if (n_components > 0 && n_fitting == 0)
    {
      /* Translators: a processor's architecture, such as “arm64”. */
      g_autofree char *words =
          g_strdup_printf (_ ("It has settings for other processors only, and the image is for "
                              "“%s”."),
                           self->architecture);

      return refuse (error, 0, words);
    }
  return TRUE;
}

/**
 * valise_answer_file_parse:
 * @contents: a user's answer file
 * @architecture: the image's: `amd64`, `arm64` or `x86`
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: (transfer full) (nullable): the answer file, if it is one that Windows takes
 */
ValiseAnswerFile *
valise_answer_file_parse (GBytes *contents, const char *architecture, GError **error)
{
  g_autoptr (ValiseAnswerFile) self = NULL;
  xmlDoc *doc = read_xml (contents, error);

  if (doc == NULL)
    return NULL;
  self = valise_answer_file_new (architecture);
  xmlFreeDoc (self->doc);
  self->doc = doc;
  return check (self, error) ? g_steal_pointer (&self) : NULL;
}
