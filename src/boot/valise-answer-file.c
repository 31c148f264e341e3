/* valise-answer-file.c: an answer file for Windows' first start (unattend.xml).
 *
 * Holds one, new or a user's own, and puts answers into it. What the file says already stays: the
 * same answer twice is one, a different one is a conflict, and commands come behind those that are
 * there. Where Valise only proposes (what every portable Windows needs), the user's file counts,
 * and a note says so. A user's file is read in valise-answer-reader.c.
 *
 * Which setting belongs to which component and configuration pass, and its form, is from
 * Microsoft's “Unattended Windows Setup Reference”.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-answer-file-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-error.h"

#define SHELL "Microsoft-Windows-Shell-Setup"
#define INTERNATIONAL "Microsoft-Windows-International-Core"
#define DEPLOYMENT "Microsoft-Windows-Deployment"
#define WINRE "Microsoft-Windows-WinRE-RecoveryAgent"
#define BITLOCKER "Microsoft-Windows-SecureStartup-FilterDriver"

#define MAX_COMMANDS 500 /* the largest Order that Windows takes */

/* As Windows runs through them. */
static const char *const passes[] = { "windowsPE",   "offlineServicing", "generalize", "specialize",
                                      "auditSystem", "auditUser",        "oobeSystem" };

/* ---- the tree ---- */

/**
 * valise_answer_node_is:
 * @node: a node
 * @name: an element's name
 *
 * Returns: whether it is an element of answer files with that name
 */
gboolean
valise_answer_node_is (const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && node->ns != NULL &&
         g_strcmp0 ((const char *)node->ns->href, VALISE_ANSWER_NS) == 0 &&
         g_strcmp0 ((const char *)node->name, name) == 0;
}

/**
 * valise_answer_node_find:
 * @parent: a node
 * @name: an element's name
 *
 * Returns: (nullable): the first child with that name
 */
xmlNode *
valise_answer_node_find (const xmlNode *parent, const char *name)
{
  for (xmlNode *child = parent->children; child != NULL; child = child->next)
    if (valise_answer_node_is (child, name))
      return child;
  return NULL;
}

/**
 * valise_answer_node_dup_text:
 * @node: (nullable): a node
 *
 * Returns: (transfer full): the text in it, without space around it; empty where there is no node
 */
char *
valise_answer_node_dup_text (const xmlNode *node)
{
  xmlChar *content = node != NULL ? xmlNodeGetContent (node) : NULL;
  char *text = g_strstrip (g_strdup (content != NULL ? (const char *)content : ""));

  xmlFree (content);
  return text;
}

static xmlNode *
add_child (ValiseAnswerFile *self, xmlNode *parent, const char *name, const char *text)
{
  return xmlNewTextChild (parent, self->ns, BAD_CAST name, (const xmlChar *)text);
}

static xmlNode *
get_child (ValiseAnswerFile *self, xmlNode *parent, const char *name)
{
  xmlNode *child = valise_answer_node_find (parent, name);

  return child != NULL ? child : add_child (self, parent, name, NULL);
}

/* What the pass of a <settings> comes as in Windows' order. */
static guint
get_pass (const xmlNode *settings)
{
  xmlChar *pass = xmlGetNoNsProp (settings, BAD_CAST "pass");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (passes); i++)
    if (g_strcmp0 ((const char *)pass, passes[i]) == 0)
      break;
  xmlFree (pass);
  return i;
}

/**
 * valise_answer_pass_is_known:
 * @settings: a <settings>
 *
 * Returns: whether it is for one of Windows' configuration passes
 */
gboolean
valise_answer_pass_is_known (const xmlNode *settings)
{
  return get_pass (settings) < G_N_ELEMENTS (passes);
}

static xmlNode *
get_settings (ValiseAnswerFile *self, const char *pass)
{
  xmlNode *root = xmlDocGetRootElement (self->doc);
  xmlNode *after = NULL;
  xmlNode *settings;
  guint wanted = 0;

  while (!g_str_equal (passes[wanted], pass))
    wanted++;
  for (xmlNode *child = root->children; child != NULL; child = child->next)
    {
      if (!valise_answer_node_is (child, "settings"))
        continue;
      if (get_pass (child) == wanted)
        return child;
      if (after == NULL && get_pass (child) > wanted)
        after = child;
    }
  settings = xmlNewDocNode (self->doc, self->ns, BAD_CAST "settings", NULL);
  xmlNewProp (settings, BAD_CAST "pass", BAD_CAST pass);
  if (after != NULL)
    xmlAddPrevSibling (after, settings);
  else
    xmlAddChild (root, settings);
  return settings;
}

/**
 * valise_answer_component_is:
 * @node: a node
 * @name: (nullable): a component's name; %NULL for any
 * @architecture: (nullable): a processor's architecture; %NULL for any
 *
 * Returns: whether @node is that component
 */
gboolean
valise_answer_component_is (const xmlNode *node, const char *name, const char *architecture)
{
  xmlChar *its_name = NULL;
  xmlChar *its_architecture = NULL;
  gboolean is;

  if (!valise_answer_node_is (node, "component"))
    return FALSE;
  its_name = xmlGetNoNsProp (node, BAD_CAST "name");
  its_architecture = xmlGetNoNsProp (node, BAD_CAST "processorArchitecture");
  is = its_name != NULL && its_architecture != NULL &&
       (name == NULL || g_ascii_strcasecmp ((const char *)its_name, name) == 0) &&
       (architecture == NULL ||
        g_ascii_strcasecmp ((const char *)its_architecture, architecture) == 0);
  xmlFree (its_name);
  xmlFree (its_architecture);
  return is;
}

static xmlNode *
get_component (ValiseAnswerFile *self, const char *pass, const char *name)
{
  const char *const attributes[][2] = {
    { "name", name },
    { "processorArchitecture", self->architecture },
    { "publicKeyToken", "31bf3856ad364e35" },
    { "language", "neutral" },
    { "versionScope", "nonSxS" },
  };
  xmlNode *settings = get_settings (self, pass);
  xmlNode *component;

  for (xmlNode *child = settings->children; child != NULL; child = child->next)
    if (valise_answer_component_is (child, name, self->architecture))
      return child;
  component = add_child (self, settings, "component", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (attributes); i++)
    xmlNewProp (component, BAD_CAST attributes[i][0], BAD_CAST attributes[i][1]);
  return component;
}

/* The namespace of the attribute that says that a list's entry is to be added. */
static void
set_action (ValiseAnswerFile *self, xmlNode *node)
{
  xmlNode *root = xmlDocGetRootElement (self->doc);
  xmlNs *ns = xmlSearchNsByHref (self->doc, node, BAD_CAST VALISE_ANSWER_WCM_NS);

  if (ns == NULL)
    ns = xmlNewNs (root, BAD_CAST VALISE_ANSWER_WCM_NS, BAD_CAST "wcm");
  if (ns == NULL) /* the prefix is somebody else's */
    ns = xmlNewNs (root, BAD_CAST VALISE_ANSWER_WCM_NS, BAD_CAST "valisewcm");
  xmlNewNsProp (node, ns, BAD_CAST "action", BAD_CAST "add");
}

/* ---- answers ---- */

/* An answer may be one that Valise proposes, or one that somebody chose. */
typedef enum
{
  PROPOSED,
  CHOSEN,
  SECRET, /* chosen, and not to be shown */
} Weight;

/* Sets @path (names with slashes between them) in a component. */
static void
set (ValiseAnswerFile *self,
     const char *pass,
     const char *component,
     const char *path,
     const char *value,
     Weight weight)
{
  g_auto (GStrv) names = NULL;
  g_autofree char *old = NULL;
  xmlNode *node;
  guint i;

  if (value == NULL)
    return;
  names = g_strsplit (path, "/", 0);
  node = get_component (self, pass, component);
  for (i = 0; names[i + 1] != NULL; i++)
    node = get_child (self, node, names[i]);
  if (valise_answer_node_find (node, names[i]) == NULL)
    {
      add_child (self, node, names[i], value);
      return;
    }
  old = valise_answer_node_dup_text (valise_answer_node_find (node, names[i]));
  if (g_ascii_strcasecmp (old, value) == 0)
    return;
  if (weight == PROPOSED)
    g_ptr_array_add (self->notes,
                     /* Translators: a setting, such as “oobeSystem / … / …”; its value. */
                     g_strdup_printf (_ ("The answer file says “%s” in %s / %s / %s; a portable "
                                         "Windows should have “%s”."),
                                      old, pass, component, path, value));
  else
    g_ptr_array_add (self->conflicts,
                     weight == SECRET
                         ? g_strdup_printf ("%s / %s / %s", pass, component, path)
                         /* Translators: a setting, such as “oobeSystem / … / …”; what the file has;
                          * what was chosen. */
                         : g_strdup_printf (_ ("%s / %s / %s: “%s” in the file, “%s” chosen"), pass,
                                            component, path, old, value));
}

static void
set_true (ValiseAnswerFile *self,
          const char *pass,
          const char *component,
          const char *path,
          gboolean value,
          Weight weight)
{
  if (value)
    set (self, pass, component, path, "true", weight);
}

/* An encoding, no secret: base64 of UTF-16 of the password with the element's name behind it. An
 * empty password is written like this, too. */
static char *
encode_password (const char *password)
{
  g_autofree char *text = g_strconcat (password != NULL ? password : "", "Password", NULL);
  g_autofree char *units = NULL;
  gsize size = 0;

  units = g_convert (text, -1, "UTF-16LE", "UTF-8", NULL, &size, NULL);
  return g_base64_encode ((const guchar *)units, units != NULL ? size : 0);
}

static gboolean
has_account (const xmlNode *accounts, const char *name)
{
  for (xmlNode *child = accounts->children; child != NULL; child = child->next)
    if (valise_answer_node_is (child, "LocalAccount"))
      {
        g_autofree char *its =
            valise_answer_node_dup_text (valise_answer_node_find (child, "Name"));
        g_autofree char *folded = g_utf8_casefold (its, -1);
        g_autofree char *wanted = g_utf8_casefold (name, -1);

        if (g_str_equal (folded, wanted))
          return TRUE;
      }
  return FALSE;
}

static void
add_account (ValiseAnswerFile *self,
             const char *name,
             const char *full_name,
             const char *password,
             const char *group)
{
  g_autofree char *encoded = encode_password (password);
  xmlNode *accounts = get_child (
      self, get_child (self, get_component (self, "oobeSystem", SHELL), "UserAccounts"),
      "LocalAccounts");
  xmlNode *account;
  xmlNode *secret;

  if (has_account (accounts, name))
    {
      g_ptr_array_add (self->conflicts,
                       g_strdup_printf (_ ("oobeSystem / %s / UserAccounts / LocalAccounts: there "
                                           "is an account “%s” in the file, too"),
                                        SHELL, name));
      return;
    }
  account = add_child (self, accounts, "LocalAccount", NULL);
  set_action (self, account);
  secret = add_child (self, account, "Password", NULL);
  add_child (self, secret, "Value", encoded);
  add_child (self, secret, "PlainText", "false");
  if (full_name != NULL)
    add_child (self, account, "DisplayName", full_name);
  add_child (self, account, "Group", group);
  add_child (self, account, "Name", name);
}

/* The largest Order in a list of commands, and how many there are. */
static guint
get_last_order (const xmlNode *list, const char *name)
{
  guint64 last = 0;

  for (xmlNode *child = list->children; child != NULL; child = child->next)
    if (valise_answer_node_is (child, name))
      {
        g_autofree char *order =
            valise_answer_node_dup_text (valise_answer_node_find (child, "Order"));
        guint64 number = g_ascii_strtoull (order, NULL, 10);

        last = MAX (last, MIN (number, MAX_COMMANDS));
      }
  return last;
}

static void
add_commands (ValiseAnswerFile *self,
              const char *pass,
              const char *component,
              const char *list_name,
              const char *item_name,
              const char *text_name,
              char **commands)
{
  xmlNode *list;
  guint order;

  if (commands == NULL || commands[0] == NULL)
    return;
  list = get_child (self, get_component (self, pass, component), list_name);
  order = get_last_order (list, item_name);
  for (guint i = 0; commands[i] != NULL; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", ++order);
      xmlNode *item;

      if (order > MAX_COMMANDS)
        {
          g_ptr_array_add (self->conflicts,
                           g_strdup_printf (_ ("%s / %s / %s: more than %u commands"), pass,
                                            component, list_name, MAX_COMMANDS));
          return;
        }
      item = add_child (self, list, item_name, NULL);
      set_action (self, item);
      if (g_str_equal (text_name, "CommandLine"))
        add_child (self, item, text_name, commands[i]);
      add_child (self, item, "Order", number);
      if (!g_str_equal (text_name, "CommandLine"))
        add_child (self, item, text_name, commands[i]);
    }
}

static void
apply_specialize (ValiseAnswerFile *self, const ValiseAnswers *answers)
{
  set (self, "specialize", SHELL, "ComputerName", answers->computer_name, CHOSEN);
  set (self, "specialize", SHELL, "ProductKey", answers->product_key, SECRET);
  set (self, "specialize", SHELL, "RegisteredOrganization", answers->organization, CHOSEN);
  set (self, "specialize", SHELL, "RegisteredOwner", answers->owner, CHOSEN);
  set (self, "specialize", SHELL, "TimeZone", answers->time_zone, CHOSEN);
  set_true (self, "specialize", DEPLOYMENT, "ExtendOSPartition/Extend", answers->extend, PROPOSED);
  add_commands (self, "specialize", DEPLOYMENT, "RunSynchronous", "RunSynchronousCommand", "Path",
                answers->specialize_commands);
}

static void
apply_region (ValiseAnswerFile *self, const ValiseAnswers *answers)
{
  const char *system =
      answers->system_locale != NULL ? answers->system_locale : answers->locale;

  set (self, "oobeSystem", INTERNATIONAL, "InputLocale", answers->keyboard, CHOSEN);
  set (self, "oobeSystem", INTERNATIONAL, "SystemLocale", system, CHOSEN);
  set (self, "oobeSystem", INTERNATIONAL, "UILanguage", answers->language, CHOSEN);
  if (answers->language != NULL)
    set (self, "oobeSystem", INTERNATIONAL, "UILanguageFallback", "en-US", PROPOSED);
  set (self, "oobeSystem", INTERNATIONAL, "UserLocale", answers->locale, CHOSEN);
}

static void
apply_first_start (ValiseAnswerFile *self, const ValiseAnswers *answers)
{
  add_commands (self, "oobeSystem", SHELL, "FirstLogonCommands", "SynchronousCommand",
                "CommandLine", answers->first_logon_commands);
  set_true (self, "oobeSystem", SHELL, "OOBE/HideEULAPage", answers->skip_license, CHOSEN);
  set_true (self, "oobeSystem", SHELL, "OOBE/HideOnlineAccountScreens",
            answers->skip_online_account, CHOSEN);
  set_true (self, "oobeSystem", SHELL, "OOBE/HideWirelessSetupInOOBE", answers->skip_network,
            CHOSEN);
  if (answers->skip_privacy)
    set (self, "oobeSystem", SHELL, "OOBE/ProtectYourPC", "3", CHOSEN);
  if (answers->account != VALISE_ACCOUNT_ASK)
    add_account (self, answers->account_name, answers->account_full_name,
                 answers->account_password,
                 answers->account == VALISE_ACCOUNT_STANDARD ? "Users" : "Administrators");
  if (answers->admin_name != NULL)
    add_account (self, answers->admin_name, NULL, answers->admin_password, "Administrators");
}

/**
 * valise_answer_file_apply:
 * @self: an answer file
 * @answers: what to put into it; valise_answers_check() was content with it
 * @error: where to put an error of %VALISE_PLAN_ERROR, which names all conflicts
 *
 * After an error, the file is of no use.
 *
 * Returns: whether everything is in the file
 */
gboolean
valise_answer_file_apply (ValiseAnswerFile *self, const ValiseAnswers *answers, GError **error)
{
  g_autofree char *list = NULL;

  apply_specialize (self, answers);
  apply_region (self, answers);
  set_true (self, "oobeSystem", BITLOCKER, "PreventDeviceEncryption", answers->prevent_encryption,
            PROPOSED);
  apply_first_start (self, answers);
  set_true (self, "oobeSystem", WINRE, "UninstallWindowsRE", answers->remove_recovery, PROPOSED);

  if (self->conflicts->len == 0)
    return TRUE;
  g_ptr_array_add (self->conflicts, NULL);
  list = g_strjoinv ("\n  ", (char **)self->conflicts->pdata);
  g_ptr_array_set_size (self->conflicts, self->conflicts->len - 1);
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               /* Translators: a list of settings, one a line. */
               _ ("The answer file and what was chosen contradict each other. Change the file, or "
                  "leave out the choice:\n  %s"),
               list);
  return FALSE;
}

/**
 * valise_answer_file_new:
 * @architecture: `amd64`, `arm64` or `x86`
 *
 * Returns: (transfer full): an empty answer file
 */
ValiseAnswerFile *
valise_answer_file_new (const char *architecture)
{
  ValiseAnswerFile *self = g_new0 (ValiseAnswerFile, 1);
  xmlNode *root;

  self->architecture = g_strdup (architecture);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  self->conflicts = g_ptr_array_new_with_free_func (g_free);
  self->doc = xmlNewDoc (BAD_CAST "1.0");
  root = xmlNewDocNode (self->doc, NULL, BAD_CAST "unattend", NULL);
  xmlDocSetRootElement (self->doc, root);
  self->ns = xmlNewNs (root, BAD_CAST VALISE_ANSWER_NS, NULL);
  xmlSetNs (root, self->ns);
  xmlNewNs (root, BAD_CAST VALISE_ANSWER_WCM_NS, BAD_CAST "wcm");
  return self;
}

/**
 * valise_answer_file_free:
 * @self: (transfer full): an answer file
 */
void
valise_answer_file_free (ValiseAnswerFile *self)
{
  g_clear_pointer (&self->doc, xmlFreeDoc);
  g_ptr_array_unref (self->notes);
  g_ptr_array_unref (self->conflicts);
  g_free (self->architecture);
  g_free (self);
}

/**
 * valise_answer_file_get_notes:
 * @self: an answer file
 *
 * Returns: (transfer none) (element-type utf8): what the user should know of it, in sentences
 */
GPtrArray *
valise_answer_file_get_notes (ValiseAnswerFile *self)
{
  return self->notes;
}

/**
 * valise_answer_file_to_bytes:
 * @self: an answer file
 * @size: how many bytes it shall have at least: space is added at its end
 * @error: where to put an error
 *
 * Returns: (transfer full) (nullable): the file as it is written, in UTF-8
 */
GBytes *
valise_answer_file_to_bytes (ValiseAnswerFile *self, gsize size, GError **error)
{
  xmlChar *text = NULL;
  int length = 0;
  GString *contents;

  xmlDocDumpFormatMemoryEnc (self->doc, &text, &length, "utf-8", 1);
  if (text == NULL)
    {
      g_set_error_literal (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_MEMORY,
                           _ ("There is not enough memory for the answer file. Close other "
                              "programs and try again."));
      return NULL;
    }
  contents = g_string_new_len ((const char *)text, length);
  xmlFree (text);
  while (contents->len < size)
    g_string_append_c (contents, contents->len + 1 == size ? '\n' : ' ');
  return g_string_free_to_bytes (contents);
}
