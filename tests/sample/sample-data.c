/* sample-data.c: the bytes of a sample Windows: file contents, times, security descriptors.
 *
 * Responsible for everything in the sample that is made up. Nothing here looks at a clock or at
 * the system's random numbers: the same names always give the same bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sample-data.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL_SIZE (1u << 20)

/* Says what went wrong and ends the program: a generator for tests has nobody to return to. */
void
sample_fail (const char *format, ...)
{
  va_list args;

  fputs ("valise-make-sample: ", stderr);
  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fputc ('\n', stderr);
  exit (1);
}

/* FNV-1a, 64 bits. */
guint64
sample_hash (const char *text)
{
  guint64 hash = G_GUINT64_CONSTANT (0xcbf29ce484222325);

  for (; *text != '\0'; text++)
    hash = (hash ^ (guint8) *text) * G_GUINT64_CONSTANT (0x100000001b3);
  return hash;
}

guint64
sample_next (SampleRandom *random)
{
  guint64 z = (*random += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* A number from @low to @high, both included. */
guint64
sample_range (SampleRandom *random, guint64 low, guint64 high)
{
  return low + sample_next (random) % (high - low + 1);
}

static const guint8 *
get_random_pool (void)
{
  static guint8 *pool;

  if (pool == NULL)
    {
      SampleRandom random = 1;

      pool = g_malloc (POOL_SIZE);
      for (gsize i = 0; i < POOL_SIZE; i += sizeof (guint64))
        {
          guint64 value = GUINT64_TO_LE (sample_next (&random));
          memcpy (pool + i, &value, sizeof value);
        }
    }
  return pool;
}

static const guint8 *
get_text_pool (void)
{
  static guint8 *pool;

  if (pool == NULL)
    {
      static const char syllables[][4] = { "ba", "con", "der", "fi", "gen", "het", "in", "ko",
                                           "lo", "men", "no", "or", "pre", "qua", "ri", "ser",
                                           "ta", "un", "ver", "wi", "xe", "yl", "zo", "tion" };
      SampleRandom random = 2;
      g_autoptr (GString) text = g_string_sized_new (POOL_SIZE + 64);

      while (text->len < POOL_SIZE)
        {
          for (guint n = sample_range (&random, 1, 4); n > 0; n--)
            {
              const char *syllable = syllables[sample_next (&random) % G_N_ELEMENTS (syllables)];
              g_string_append_len (text, syllable, strnlen (syllable, sizeof syllables[0]));
            }
          g_string_append (text, sample_next (&random) % 12 == 0 ? "=1;\r\n" : " ");
        }
      pool = (guint8 *) g_string_free (g_steal_pointer (&text), FALSE);
    }
  return pool;
}

/* Fills @buffer with slices of two pools: fast, and as compressible as @fill says. */
void
sample_fill (guint8 *buffer, gsize size, SampleFill fill, SampleRandom *random)
{
  if (fill == SAMPLE_FILL_ZERO)
    {
      memset (buffer, 0, size);
      return;
    }
  for (gsize at = 0; at < size;)
    {
      gsize wanted = sample_range (random, 64, 4096);
      gsize slice = MIN (size - at, wanted);
      gsize from = sample_next (random) % (POOL_SIZE - 4096);
      gboolean is_random
          = fill == SAMPLE_FILL_RANDOM
            || (fill == SAMPLE_FILL_BINARY && sample_next (random) % 3 == 0);

      memcpy (buffer + at, (is_random ? get_random_pool () : get_text_pool ()) + from, slice);
      at += slice;
    }
}

/* Creation, last write, last access and change time in units of 100 ns since 1601: all different,
 * none on a full second, between 2019 and 2024. */
void
sample_times (const char *path, guint64 times[4])
{
  SampleRandom random = sample_hash (path);

  times[0] = G_GUINT64_CONSTANT (131908608000000000)
             + sample_range (&random, 0, G_GUINT64_CONSTANT (1577836800) * 1000000);
  times[1] = times[0] - sample_range (&random, 1, G_GUINT64_CONSTANT (86400) * 10000000);
  times[2] = times[0] + sample_range (&random, 1, G_GUINT64_CONSTANT (864000) * 10000000);
  times[3] = times[2];
}

typedef struct
{
  guint8 authority;
  guint8 n_parts;
  guint32 parts[6];
} Sid;

static const Sid sid_everyone = { 1, 1, { 0 } };
static const Sid sid_system = { 5, 1, { 18 } };
static const Sid sid_administrators = { 5, 2, { 32, 544 } };
static const Sid sid_users = { 5, 2, { 32, 545 } };
static const Sid sid_creator_owner = { 3, 1, { 0 } };
static const Sid sid_authenticated = { 5, 1, { 11 } };
static const Sid sid_trusted_installer
    = { 5, 6, { 80, 956008885u, 3418522649u, 1831038044u, 1853292631u, 2271478464u } };
static const Sid sid_app_packages = { 15, 2, { 2, 1 } };
static const Sid sid_high_integrity = { 16, 1, { 12288 } };
static const Sid sid_user = { 5, 5, { 21, 1004336348u, 1177238915u, 682003330u, 1001 } };

static void
put_u16 (GByteArray *bytes, guint16 value)
{
  value = GUINT16_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

static void
put_u32 (GByteArray *bytes, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

static void
put_sid (GByteArray *bytes, const Sid *sid)
{
  const guint8 head[8] = { 1, sid->n_parts, 0, 0, 0, 0, 0, sid->authority };

  g_byte_array_append (bytes, head, sizeof head);
  for (guint i = 0; i < sid->n_parts; i++)
    put_u32 (bytes, sid->parts[i]);
}

/* One entry of an access control list; @extra is data behind the SID (conditional entries). */
static void
put_ace (GByteArray *acl, guint8 type, guint8 flags, guint32 mask, const Sid *sid,
         const char *extra)
{
  const guint8 head[2] = { type, flags };
  gsize extra_size = extra != NULL ? (strlen (extra) + 3) / 4 * 4 : 0;

  g_byte_array_append (acl, head, sizeof head);
  put_u16 (acl, 8 + 8 + 4 * sid->n_parts + extra_size);
  put_u32 (acl, mask);
  put_sid (acl, sid);
  if (extra_size > 0)
    {
      g_autofree guint8 *padded = g_malloc0 (extra_size);
      memcpy (padded, extra, strlen (extra));
      g_byte_array_append (acl, padded, extra_size);
    }
}

static void
put_acl (GByteArray *bytes, const GByteArray *aces, guint n_aces)
{
  const guint8 head[2] = { 2, 0 };

  g_byte_array_append (bytes, head, sizeof head);
  put_u16 (bytes, 8 + aces->len);
  put_u16 (bytes, n_aces);
  put_u16 (bytes, 0);
  if (aces->len > 0)
    g_byte_array_append (bytes, aces->data, aces->len);
}

#define FULL 0x001f01ffu
#define READ 0x001200a9u
#define MODIFY 0x001301bfu
#define ALLOW 0
#define DENY 1
#define AUDIT 2
#define ALLOW_CALLBACK 9
#define LABEL 0x11
#define INHERIT 0x03   /* objects and containers */
#define INHERIT_ONLY 0x0b
#define INHERITED 0x10

/* The self-relative form ([MS-DTYP] 2.4.6): header, owner, group, system list, access list. */
static GByteArray *
build_descriptor (SampleSd which)
{
  g_autoptr (GByteArray) dacl = g_byte_array_new ();
  g_autoptr (GByteArray) sacl = g_byte_array_new ();
  GByteArray *sd = g_byte_array_new ();
  const Sid *owner = &sid_trusted_installer;
  guint16 control = 0x8004; /* self-relative, access list present */
  guint n_dacl = 0, n_sacl = 0, position;
  guint32 offsets[4];

#define ACE(...) (put_ace (dacl, __VA_ARGS__, NULL), n_dacl++)
  switch (which)
    {
    case SAMPLE_SD_SYSTEM_FILE:
      control |= 0x1400; /* protected, auto-inherited */
      ACE (ALLOW, 0, FULL, &sid_trusted_installer);
      ACE (ALLOW, 0, READ, &sid_administrators);
      ACE (ALLOW, 0, READ, &sid_system);
      ACE (ALLOW, 0, READ, &sid_users);
      ACE (ALLOW, 0, READ, &sid_app_packages);
      break;
    case SAMPLE_SD_SYSTEM_FOLDER:
      control |= 0x1000;
      ACE (ALLOW, INHERIT, FULL, &sid_trusted_installer);
      ACE (ALLOW, 0, MODIFY, &sid_system);
      ACE (ALLOW, INHERIT_ONLY, 0x10000000u, &sid_system);
      ACE (ALLOW, INHERIT_ONLY, 0x10000000u, &sid_creator_owner);
      ACE (ALLOW, INHERIT, READ, &sid_users);
      break;
    case SAMPLE_SD_ROOT:
      ACE (ALLOW, INHERIT, FULL, &sid_administrators);
      ACE (ALLOW, INHERIT, FULL, &sid_system);
      ACE (ALLOW, INHERIT, READ, &sid_users);
      ACE (ALLOW, 0, 4, &sid_authenticated);
      break;
    case SAMPLE_SD_CONFIG:
      owner = &sid_administrators;
      control |= 0x1000;
      ACE (ALLOW, INHERIT, FULL, &sid_system);
      ACE (ALLOW, INHERIT, FULL, &sid_administrators);
      break;
    case SAMPLE_SD_USERS:
      owner = &sid_system;
      ACE (ALLOW, INHERIT, FULL, &sid_system);
      ACE (ALLOW, INHERIT, FULL, &sid_administrators);
      ACE (ALLOW, INHERIT, READ, &sid_everyone);
      break;
    case SAMPLE_SD_USER_FILE:
      owner = &sid_user;
      control |= 0x0400;
      ACE (ALLOW, INHERITED, FULL, &sid_system);
      ACE (ALLOW, INHERITED, FULL, &sid_administrators);
      ACE (ALLOW, INHERITED, FULL, &sid_user);
      break;
    case SAMPLE_SD_AUDITED:
      ACE (ALLOW, 0, FULL, &sid_administrators);
      put_ace (sacl, AUDIT, 0xc0, 0x000d0116u, &sid_everyone, NULL);
      put_ace (sacl, AUDIT, 0x40, 0x00010000u, &sid_users, NULL);
      n_sacl = 2;
      break;
    case SAMPLE_SD_LABELLED:
      ACE (ALLOW, 0, READ, &sid_users);
      put_ace (sacl, LABEL, 0, 1, &sid_high_integrity, NULL);
      n_sacl = 1;
      break;
    case SAMPLE_SD_DENY_LIST: /* what the junctions of old names carry */
      owner = &sid_system;
      control |= 0x1000;
      ACE (DENY, 0, 1, &sid_everyone);
      ACE (ALLOW, 0, READ, &sid_everyone);
      ACE (ALLOW, 0, FULL, &sid_system);
      break;
    case SAMPLE_SD_EMPTY_DACL: /* nobody may do anything */
    case SAMPLE_SD_NO_DACL:    /* everybody may do everything */
      owner = &sid_administrators;
      break;
    case SAMPLE_SD_CONDITIONAL: /* WIN://SYSAPPID is what store applications have */
      ACE (ALLOW, 0, FULL, &sid_system);
      put_ace (dacl, ALLOW_CALLBACK, 0, READ, &sid_users, "artx\xf8\x0a\x01\x01\x01\x01\x87");
      n_dacl++;
      break;
    case SAMPLE_SD_LONG: /* longer than a page */
      for (guint i = 0; i < 200; i++)
        {
          const Sid sid = { 5, 5, { 21, 1004336348u, 1177238915u, 682003330u, 2000 + i } };
          ACE (ALLOW, 0, READ, &sid);
        }
      break;
    case SAMPLE_N_SDS:
    default:
      g_assert_not_reached ();
    }
#undef ACE

  if (n_sacl > 0)
    control |= 0x0010;
  position = 20;
  offsets[0] = position;
  position += 8 + 4 * owner->n_parts;
  offsets[1] = position;
  position += 8 + 4 * sid_system.n_parts;
  offsets[2] = n_sacl > 0 ? position : 0;
  position += n_sacl > 0 ? 8 + sacl->len : 0;
  offsets[3] = which != SAMPLE_SD_NO_DACL ? position : 0;

  g_byte_array_append (sd, (const guint8[]) { 1, 0 }, 2);
  put_u16 (sd, control);
  for (guint i = 0; i < 4; i++)
    put_u32 (sd, offsets[i]);
  put_sid (sd, owner);
  put_sid (sd, &sid_system);
  if (n_sacl > 0)
    put_acl (sd, sacl, n_sacl);
  if (which != SAMPLE_SD_NO_DACL)
    put_acl (sd, dacl, n_dacl);
  return sd;
}

/* Descriptor number @which, in the self-relative form; it lives as long as the program. */
const guint8 *
sample_security_descriptor (SampleSd which, gsize *size)
{
  static GByteArray *descriptors[SAMPLE_N_SDS];

  g_assert (which < SAMPLE_N_SDS);
  if (descriptors[which] == NULL)
    descriptors[which] = build_descriptor (which);
  *size = descriptors[which]->len;
  return descriptors[which]->data;
}
