/* valise-policy-files.c: files that a company's policies consist of.
 *
 * Windows tells nobody that it could not use one of them: it is looked at here, before a drive is
 * written. GnuTLS reads certificates, and opens those with keys with the password that Windows will
 * be given. Wi-Fi profiles are looked at for what Windows refuses them for: “WLAN_profile Schema
 * Elements” (Microsoft).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-policy-files.h"

#include <glib/gi18n-lib.h>
#include <gnutls/pkcs12.h>
#include <gnutls/x509.h>
#include <libxml/parser.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-text.h"

#define WLAN_NS "http://www.microsoft.com/networking/WLAN/profile/v1"

#define MAX_FILE (16 * 1024 * 1024)
#define MAX_NAME 256

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_pkcs12_t, gnutls_pkcs12_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crt_t, gnutls_x509_crt_deinit, NULL)

static GBytes *
read_source (const char *path, const char *name, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GInputStream) stream = G_INPUT_STREAM (g_file_read (file, NULL, &cause));
  g_autofree guint8 *data = g_malloc (MAX_FILE + 1);
  gsize size = 0;

  if (stream == NULL || !g_input_stream_read_all (stream, data, MAX_FILE + 1, &size, NULL, &cause))
    {
      /* Translators: a file's name, and what the system said. */
      valise_plan_refuse (error, _ ("“%s” cannot be read: %s. Check the name and your rights."),
                          name, cause->message);
      return NULL;
    }
  if (size == 0 || size > MAX_FILE)
    {
      valise_plan_refuse (error, _ ("“%s” is empty, or larger than 16 MiB. Choose another file."),
                          name);
      return NULL;
    }
  return g_bytes_new (data, size);
}

/* ---- XML ---- */

/* A document without a DTD whose outermost element is that one. */
static xmlDoc *
parse_xml (GBytes *contents, const char *root_name, const char *ns)
{
  gsize size;
  const char *data = g_bytes_get_data (contents, &size);
  xmlDoc *doc = xmlReadMemory (data, size, "policy.xml", NULL,
                               XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  const xmlNode *root = doc != NULL ? xmlDocGetRootElement (doc) : NULL;

  if (root != NULL && doc->intSubset == NULL
      && g_strcmp0 ((const char *) root->name, root_name) == 0
      && (ns == NULL
          || (root->ns != NULL && g_strcmp0 ((const char *) root->ns->href, ns) == 0)))
    return doc;
  g_clear_pointer (&doc, xmlFreeDoc);
  return NULL;
}

static const xmlNode *
find_child (const xmlNode *node, const char *name)
{
  for (const xmlNode *child = node != NULL ? node->children : NULL; child != NULL;
       child = child->next)
    if (child->type == XML_ELEMENT_NODE && g_str_equal ((const char *) child->name, name))
      return child;
  return NULL;
}

static char *
dup_child_text (const xmlNode *node, const char *name)
{
  const xmlNode *child = find_child (node, name);
  xmlChar *content = child != NULL ? xmlNodeGetContent (child) : NULL;
  char *text = content != NULL ? g_strstrip (g_strdup ((const char *) content)) : NULL;

  g_clear_pointer (&content, xmlFree);
  return text;
}

static gboolean
check_applocker (GBytes *contents, const char *name, char **summary, GError **error)
{
  xmlDoc *doc = parse_xml (contents, "AppLockerPolicy", NULL);

  if (doc == NULL)
    return valise_plan_refuse (
        error, _ ("“%s” is not an AppLocker policy (XML). Choose another file."), name);
  *summary = g_strdup (_("AppLocker policy"));
  xmlFreeDoc (doc);
  return TRUE;
}

/* Windows encrypts the key of an exported profile for the computer that exports it, if it is not
 * told otherwise. */
static gboolean
check_wifi (GBytes *contents, const char *name, char **summary, GError **error)
{
  xmlDoc *doc = parse_xml (contents, "WLANProfile", WLAN_NS);
  const xmlNode *root = doc != NULL ? xmlDocGetRootElement (doc) : NULL;
  const xmlNode *key
      = find_child (find_child (find_child (root, "MSM"), "security"), "sharedKey");
  g_autofree char *network = dup_child_text (root, "name");
  g_autofree char *is_protected = dup_child_text (key, "protected");
  const gboolean is_whole = network != NULL && *network != '\0'
                            && find_child (find_child (root, "SSIDConfig"), "SSID") != NULL;

  g_clear_pointer (&doc, xmlFreeDoc);
  if (!is_whole)
    return valise_plan_refuse (
        error,
        _ ("“%s” is not a Wi-Fi profile as Windows exports it (XML). Choose another "
           "file."),
        name);
  if (g_strcmp0 (is_protected, "true") == 0 || g_strcmp0 (is_protected, "1") == 0)
    return valise_plan_refuse (
        error,
        _ ("The key in “%s” can only be used on the computer that exported it. Export "
           "the Wi-Fi profile with “netsh wlan export profile key=clear”."),
        name);
  *summary = valise_text_clean (network);
  return TRUE;
}

/* ---- certificates ---- */

static char *
describe_certificate (gnutls_x509_crt_t certificate)
{
  char name[MAX_NAME];
  gsize size = sizeof name;
  const time_t end = gnutls_x509_crt_get_expiration_time (certificate);
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (end);
  g_autofree char *until = date != NULL ? g_date_time_format (date, "%x") : NULL;
  g_autofree char *clean = NULL;

  if (gnutls_x509_crt_get_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size)
      != 0)
    {
      size = sizeof name;
      if (gnutls_x509_crt_get_dn (certificate, name, &size) != 0)
        g_strlcpy (name, "?", sizeof name);
    }
  clean = valise_text_clean (name);
  if (until == NULL)
    return g_steal_pointer (&clean);
  if (end < g_get_real_time () / G_USEC_PER_SEC)
    /* Translators: whose a certificate is, and a date. */
    return g_strdup_printf (_("%s; expired on %s"), clean, until);
  /* Translators: whose a certificate is, and a date. */
  return g_strdup_printf (_("%s; valid until %s"), clean, until);
}

static gboolean
check_root (GBytes *contents, const char *name, char **summary, GError **error)
{
  g_auto (gnutls_x509_crt_t) certificate = NULL;
  const gnutls_datum_t datum = { (guint8 *) g_bytes_get_data (contents, NULL),
                                 (guint) g_bytes_get_size (contents) };

  if (gnutls_x509_crt_init (&certificate) != 0
      || (gnutls_x509_crt_import (certificate, &datum, GNUTLS_X509_FMT_DER) != 0
          && gnutls_x509_crt_import (certificate, &datum, GNUTLS_X509_FMT_PEM) != 0))
    return valise_plan_refuse (
        error, _ ("“%s” is not a certificate (DER or PEM). Choose another file."), name);
  *summary = describe_certificate (certificate);
  return TRUE;
}

static gboolean
check_client (
    GBytes *contents, const char *name, const char *password, char **summary, GError **error)
{
  g_auto (gnutls_pkcs12_t) box = NULL;
  gnutls_x509_privkey_t key = NULL;
  gnutls_x509_crt_t *chain = NULL;
  guint n_chain = 0;
  const gnutls_datum_t datum = { (guint8 *) g_bytes_get_data (contents, NULL),
                                 (guint) g_bytes_get_size (contents) };

  if (gnutls_pkcs12_init (&box) != 0
      || gnutls_pkcs12_import (box, &datum, GNUTLS_X509_FMT_DER, 0) != 0)
    return valise_plan_refuse (
        error, _ ("“%s” is not a certificate with its key (PFX). Choose another file."), name);
  /* Some programs take an empty password for none, and others do not. */
  if (password == NULL && gnutls_pkcs12_verify_mac (box, NULL) != 0)
    password = "";
  if (gnutls_pkcs12_verify_mac (box, password) != 0)
    return valise_plan_refuse (
        error,
        _ ("“%s” does not open with the password that was given for the certificates. "
           "Correct the password; it is the same for all of them."),
        name);
  if (gnutls_pkcs12_simple_parse (box, password, &key, &chain, &n_chain, NULL, NULL, NULL, 0) != 0
      || key == NULL || n_chain == 0)
    {
      g_clear_pointer (&key, gnutls_x509_privkey_deinit);
      return valise_plan_refuse (error,
                                 _ ("There is no certificate with its key in “%s”. Export it from "
                                    "Windows with its private key."),
                                 name);
    }
  *summary = describe_certificate (chain[0]);
  gnutls_x509_privkey_deinit (key);
  for (guint i = 0; i < n_chain; i++)
    gnutls_x509_crt_deinit (chain[i]);
  gnutls_free (chain);
  return TRUE;
}

/**
 * valise_policy_file_load:
 * @kind: what the file should be
 * @path: a file
 * @password: (nullable): of a certificate with its key
 * @summary: (out) (transfer full) (optional): what it is, in a few words
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Blocks. Any thread.
 *
 * Returns: (transfer full) (nullable): what is in the file, if that is what it should be
 */
GBytes *
valise_policy_file_load (ValisePolicyKind kind,
                         const char *path,
                         const char *password,
                         char **summary,
                         GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *words = NULL;
  g_autoptr (GBytes) contents = read_source (path, name, error);
  gboolean ok = contents != NULL;

  if (ok && kind == VALISE_POLICY_APPLOCKER)
    ok = check_applocker (contents, name, &words, error);
  else if (ok && kind == VALISE_POLICY_WIFI)
    ok = check_wifi (contents, name, &words, error);
  else if (ok && kind == VALISE_POLICY_ROOT_CERTIFICATE)
    ok = check_root (contents, name, &words, error);
  else if (ok && kind == VALISE_POLICY_CLIENT_CERTIFICATE)
    ok = check_client (contents, name, password, &words, error);
  else if (ok)
    words = g_strdup (_("App Control policy"));
  if (!ok)
    return NULL;
  if (summary != NULL)
    *summary = g_steal_pointer (&words);
  return g_steal_pointer (&contents);
}
