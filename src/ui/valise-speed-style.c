/* valise-speed-style.c: how the graph's lines differ from one another.
 *
 * Colours are the theme's own, mixed with the colour of text until they stand out enough from the
 * background: so they suit light, dark and high contrast. Whoever cannot tell them apart has the
 * dashes, and the number at the line's end. The key is a small picture of a line and its number,
 * for whatever stands beside the graph.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-speed-style.h"

#include <adwaita.h>
#include <math.h>

#define CONTRAST 3.0
#define HIGH_CONTRAST 4.5

/* Where the theme has no such colour, the one of the GNOME palette. */
static const struct
{
  const char *name;
  const char *instead;
} palette[] = {
  { "blue_3", "#3584e4" },  { "orange_3", "#ff7800" }, { "green_5", "#26a269" },
  { "purple_3", "#9141ac" }, { "red_3", "#e01b24" },   { "brown_3", "#986a44" },
};

/* Six colours and seven dashes have no common factor: 42 different pairs. */
static const struct
{
  double dashes[4];
  guint n;
} lines[] = {
  { { 0 }, 0 },          { { 8, 3 }, 2 },       { { 2.5, 2.5 }, 2 }, { { 9, 3, 2, 3 }, 4 },
  { { 14, 4 }, 2 },      { { 5, 3 }, 2 },       { { 14, 3, 4, 3 }, 4 },
};

static double
linear (double c)
{
  return c <= 0.04045 ? c / 12.92 : pow ((c + 0.055) / 1.055, 2.4);
}

static double
luminance (const GdkRGBA *color)
{
  return 0.2126 * linear (color->red) + 0.7152 * linear (color->green)
         + 0.0722 * linear (color->blue);
}

/**
 * valise_speed_style_get_contrast:
 * @a: a colour
 * @b: another one
 *
 * Returns: how much they differ, 1 to 21, as WCAG 2.1 defines it
 */
double
valise_speed_style_get_contrast (const GdkRGBA *a, const GdkRGBA *b)
{
  double la = luminance (a);
  double lb = luminance (b);

  return (MAX (la, lb) + 0.05) / (MIN (la, lb) + 0.05);
}

static void
look_up (GtkStyleContext *context, const char *name, const char *instead, GdkRGBA *color)
{
  if (!gtk_style_context_lookup_color (context, name, color))
    gdk_rgba_parse (color, instead);
}

static gboolean
wants_high_contrast (GtkWidget *widget)
{
  AdwStyleManager *manager = adw_style_manager_get_for_display (gtk_widget_get_display (widget));

  return adw_style_manager_get_high_contrast (manager);
}

/**
 * valise_speed_style_get:
 * @widget: what the line is drawn in
 * @index: the line's number, from 0
 * @style: (out caller-allocates): where to put how to draw it
 */
void
valise_speed_style_get (GtkWidget *widget, guint index, ValiseSpeedStyle *style)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  const guint line = index % G_N_ELEMENTS (lines);
  const gboolean high = wants_high_contrast (widget);
  GdkRGBA text;
  GdkRGBA background;
  GdkRGBA pure;

  gtk_style_context_get_color (context, &text);
  text.alpha = 1;
  look_up (context, "window_bg_color", luminance (&text) > 0.5 ? "#242424" : "#fafafa",
           &background);
  look_up (context, palette[index % G_N_ELEMENTS (palette)].name,
           palette[index % G_N_ELEMENTS (palette)].instead, &pure);
  pure.alpha = 1;
  style->color = pure;
  for (guint step = 1;
       step <= 10
       && valise_speed_style_get_contrast (&style->color, &background)
              < (high ? HIGH_CONTRAST : CONTRAST);
       step++)
    {
      style->color.red = pure.red + (text.red - pure.red) * step / 10;
      style->color.green = pure.green + (text.green - pure.green) * step / 10;
      style->color.blue = pure.blue + (text.blue - pure.blue) * step / 10;
    }
  style->width = high ? 3 : 2;
  style->n_dashes = lines[line].n;
  for (guint i = 0; i < style->n_dashes; i++)
    style->dashes[i] = lines[line].dashes[i];
}

/**
 * valise_speed_style_apply:
 * @self: how to draw a line
 * @cr: where it is drawn
 */
void
valise_speed_style_apply (const ValiseSpeedStyle *self, cairo_t *cr)
{
  gdk_cairo_set_source_rgba (cr, &self->color);
  cairo_set_line_width (cr, self->width);
  cairo_set_dash (cr, self->dashes, self->n_dashes, 0);
}

/* ---- the key ---- */

struct _ValiseSpeedKey
{
  GtkWidget parent_instance;

  guint index;
};

G_DEFINE_FINAL_TYPE (ValiseSpeedKey, valise_speed_key, GTK_TYPE_WIDGET)

#define LINE_WIDTH 28
#define GAP 6

static PangoLayout *
make_number (ValiseSpeedKey *self)
{
  g_autofree char *number = g_strdup_printf ("%u", self->index + 1);

  return gtk_widget_create_pango_layout (GTK_WIDGET (self), number);
}

static void
valise_speed_key_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  g_autoptr (PangoLayout) layout = make_number (VALISE_SPEED_KEY (widget));
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  *minimum = *natural
      = orientation == GTK_ORIENTATION_HORIZONTAL ? width + GAP + LINE_WIDTH : height;
}

static void
valise_speed_key_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  ValiseSpeedKey *self = VALISE_SPEED_KEY (widget);
  const int width = gtk_widget_get_width (widget);
  const int height = gtk_widget_get_height (widget);
  g_autoptr (PangoLayout) layout = make_number (self);
  ValiseSpeedStyle style;
  GdkRGBA text;
  int number_width, number_height;
  cairo_t *cr;

  valise_speed_style_get (widget, self->index, &style);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &text);
  pango_layout_get_pixel_size (layout, &number_width, &number_height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (0, (float) (height - number_height) / 2));
  gtk_snapshot_append_layout (snapshot, layout, &text);
  gtk_snapshot_restore (snapshot);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  valise_speed_style_apply (&style, cr);
  cairo_move_to (cr, number_width + GAP, height / 2 + style.width / 2);
  cairo_line_to (cr, width, height / 2 + style.width / 2);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
valise_speed_key_class_init (ValiseSpeedKeyClass *klass)
{
  GTK_WIDGET_CLASS (klass)->measure = valise_speed_key_measure;
  GTK_WIDGET_CLASS (klass)->snapshot = valise_speed_key_snapshot;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "speedkey");
  /* What it stands beside has a name; the graph's description goes by names. */
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
valise_speed_key_init (ValiseSpeedKey *self)
{
}

/**
 * valise_speed_key_new:
 * @index: the line's number, from 0
 *
 * Returns: (transfer floating): the line's number and a piece of the line
 */
GtkWidget *
valise_speed_key_new (guint index)
{
  ValiseSpeedKey *self = g_object_new (VALISE_TYPE_SPEED_KEY, "valign", GTK_ALIGN_START, NULL);

  self->index = index;
  return GTK_WIDGET (self);
}
