/* test-policy-files.c: what can be a policy's file, and what is said of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-policy-files.h"
#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "test-tools.h"

/* As “netsh wlan export profile” writes them. */
#define WLAN(inside)                                                                               \
  "<?xml version=\"1.0\"?><WLANProfile "                                                           \
  "xmlns=\"http://www.microsoft.com/networking/WLAN/profile/v1\">" inside "</WLANProfile>"
#define NAMES "<name>Acme 5G</name><SSIDConfig><SSID><hex>41</hex></SSID></SSIDConfig>"
#define KEY(is_protected)                                                                          \
  "<MSM><security><sharedKey><keyType>passPhrase</keyType><protected>" is_protected                \
  "</protected><keyMaterial>secret key</keyMaterial></sharedKey></security></MSM>"

static const struct
{
  ValisePolicyKind kind;
  const char *contents;
  const char *words; /* of the summary, or of the error */
  gboolean ok;
} texts[] = {
  { VALISE_POLICY_WIFI, WLAN (NAMES), "Acme 5G", TRUE },
  { VALISE_POLICY_WIFI, WLAN (NAMES KEY ("false")), "Acme 5G", TRUE },
  { VALISE_POLICY_WIFI, WLAN (NAMES KEY ("true")), "key=clear", FALSE },
  { VALISE_POLICY_WIFI, WLAN (NAMES KEY (" 1 ")), "key=clear", FALSE },
  { VALISE_POLICY_WIFI, WLAN (""), "not a Wi-Fi profile", FALSE },
  { VALISE_POLICY_WIFI, WLAN ("<name>a</name><SSIDConfig/>"), "not a Wi-Fi profile", FALSE },
  { VALISE_POLICY_WIFI, "<WLANProfile>" NAMES "</WLANProfile>", "not a Wi-Fi profile", FALSE },
  { VALISE_POLICY_WIFI, WLAN (NAMES "<MSM>"), "not a Wi-Fi profile", FALSE },
  { VALISE_POLICY_APPLOCKER, "<AppLockerPolicy Version=\"1\"/>", "AppLocker", TRUE },
  { VALISE_POLICY_APPLOCKER, "<Policy/>", "not an AppLocker", FALSE },
  { VALISE_POLICY_APP_CONTROL, "anything", "App Control", TRUE },
  { VALISE_POLICY_APP_CONTROL, "", "is empty", FALSE },
  { VALISE_POLICY_ROOT_CERTIFICATE, "-----BEGIN CERTIFICATE-----\nMIIB\n", "not a cert", FALSE },
  { VALISE_POLICY_ROOT_CERTIFICATE, "0\x82\x01\x02\x03\x04", "not a certificate", FALSE },
  { VALISE_POLICY_CLIENT_CERTIFICATE, "0\x82\x01\x02\x03\x04", "with its key (PFX)", FALSE },
};

static void
check (ValisePolicyKind kind,
       const char *path,
       const char *password,
       const char *words,
       gboolean expected)
{
  g_autofree char *summary = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) contents = valise_policy_file_load (kind, path, password, &summary, &error);

  if (expected)
    g_assert_no_error (error);
  else
    g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
  g_assert_true ((contents != NULL) == expected);
  if (strstr (expected ? summary : error->message, words) == NULL)
    g_error ("%s: no “%s” in: %s", path, words, expected ? summary : error->message);
  if (!expected)
    g_assert_nonnull (strstr (error->message, path));
}

static void
test_texts (void)
{
  g_autoptr (ValiseScratch) scratch = valise_scratch_new (NULL);
  g_autofree char *path = valise_scratch_build_path (scratch, "file");
  g_autofree char *missing = valise_scratch_build_path (scratch, "missing");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      write_file (path, texts[i].contents, strlen (texts[i].contents));
      check (texts[i].kind, path, NULL, texts[i].words, texts[i].ok);
    }
  check (VALISE_POLICY_WIFI, missing, NULL, "cannot be read", FALSE);
  check (VALISE_POLICY_APPLOCKER, "/dev/zero", NULL, "16 MiB", FALSE);
}

/* Only “openssl ca” makes a certificate that has expired already. */
static void
make_old (ValiseScratch *scratch, const char *key, const char *path)
{
  g_autofree char *folder = valise_scratch_build_path (scratch, ".");
  g_autofree char *config = valise_scratch_build_path (scratch, "ca.conf");
  g_autofree char *index = valise_scratch_build_path (scratch, "index");
  g_autofree char *request = valise_scratch_build_path (scratch, "request");
  g_autofree char *text
      = g_strdup_printf ("[ca]\ndefault_ca = d\n[d]\ndatabase = %s\nnew_certs_dir = %s\n"
                         "rand_serial = yes\n"
                         "default_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n",
                         index, folder);

  write_file (config, text, strlen (text));
  write_file (index, "", 0);
  g_free (RUN ("openssl", "req", "-new", "-key", key, "-subj", "/CN=Old One", "-out", request));
  g_free (RUN ("openssl", "ca", "-batch", "-selfsign", "-notext", "-config", config,
               "-keyfile", key, "-in", request, "-startdate", "20200101000000Z", "-enddate",
               "20200201000000Z", "-out", path));
}

/* Those of OpenSSL, in the forms in which they are passed around. */
static void
test_certificates (void)
{
  g_autoptr (ValiseScratch) scratch = valise_scratch_new (NULL);
  g_autofree char *key = valise_scratch_build_path (scratch, "key.pem");
  g_autofree char *pem = valise_scratch_build_path (scratch, "ca.pem");
  g_autofree char *der = valise_scratch_build_path (scratch, "ca.cer");
  g_autofree char *old = valise_scratch_build_path (scratch, "old.pem");
  g_autofree char *pfx = valise_scratch_build_path (scratch, "me.pfx");
  g_autofree char *open = valise_scratch_build_path (scratch, "open.pfx");
  g_autofree char *bare = valise_scratch_build_path (scratch, "bare.pfx");

  g_free (RUN ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-days", "36500", "-subj", "/O=Acme/CN=Acme Root", "-keyout", key, "-out",
               pem));
  g_free (RUN ("openssl", "x509", "-in", pem, "-outform", "DER", "-out", der));
  make_old (scratch, key, old);
  g_free (RUN ("openssl", "pkcs12", "-export", "-inkey", key, "-in", pem, "-passout",
               "pass:p", "-out", pfx));
  g_free (RUN ("openssl", "pkcs12", "-export", "-inkey", key, "-in", pem, "-passout",
               "pass:", "-out", open));
  g_free (RUN ("openssl", "pkcs12", "-export", "-nokeys", "-in", pem, "-passout",
               "pass:p", "-out", bare));

  check (VALISE_POLICY_ROOT_CERTIFICATE, pem, NULL, "Acme Root; valid until", TRUE);
  check (VALISE_POLICY_ROOT_CERTIFICATE, der, NULL, "Acme Root; valid until", TRUE);
  check (VALISE_POLICY_ROOT_CERTIFICATE, old, NULL, "Old One; expired on", TRUE);
  check (VALISE_POLICY_ROOT_CERTIFICATE, key, NULL, "not a certificate", FALSE);
  check (VALISE_POLICY_ROOT_CERTIFICATE, pfx, NULL, "not a certificate", FALSE);
  check (VALISE_POLICY_CLIENT_CERTIFICATE, pfx, "p", "Acme Root; valid until", TRUE);
  check (VALISE_POLICY_CLIENT_CERTIFICATE, pfx, "q", "does not open", FALSE);
  check (VALISE_POLICY_CLIENT_CERTIFICATE, pfx, NULL, "does not open", FALSE);
  check (VALISE_POLICY_CLIENT_CERTIFICATE, open, NULL, "Acme Root; valid until", TRUE);
  check (VALISE_POLICY_CLIENT_CERTIFICATE, open, "p", "does not open", FALSE);
  check (VALISE_POLICY_CLIENT_CERTIFICATE, bare, "p", "no certificate with its key", FALSE);
  check (VALISE_POLICY_CLIENT_CERTIFICATE, der, NULL, "with its key (PFX)", FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/boot/policy-files/texts", test_texts);
  g_test_add_func ("/boot/policy-files/certificates", test_certificates);
  return g_test_run ();
}
