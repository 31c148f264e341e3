/* valise-speed-style.h: how the graph's lines differ from one another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ValiseSpeedStyle:
 * @color: the line's colour: it stands out from the background at least 3:1, and 4.5:1 where high
 *   contrast is wanted
 * @dashes: lengths of dashes and gaps, in pixels
 * @n_dashes: how many of them; 0 for a solid line
 * @width: the line's width in pixels
 *
 * How one line is drawn. Sixteen lines differ in colour or dashes or both; neighbours in both.
 */
typedef struct
{
  GdkRGBA color;
  double dashes[4];
  guint n_dashes;
  double width;
} ValiseSpeedStyle;

void valise_speed_style_get (GtkWidget *widget, guint index, ValiseSpeedStyle *style);
void valise_speed_style_apply (const ValiseSpeedStyle *self, cairo_t *cr);
double valise_speed_style_get_contrast (const GdkRGBA *a, const GdkRGBA *b);

#define VALISE_TYPE_SPEED_KEY (valise_speed_key_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSpeedKey, valise_speed_key, VALISE, SPEED_KEY, GtkWidget)

GtkWidget *valise_speed_key_new (guint index);

G_END_DECLS
