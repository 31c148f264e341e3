/* valise-speed-graph.c: the speed of each drive over the time, as a picture and in words.
 *
 * The picture shows the whole job: who sees that a drive was fast for two minutes knows why it is
 * not any more. A point is an average over a second or more, and there are as many points as can be
 * told apart, so that drawing costs the same however long the job takes. Lines end in the drive's
 * number; colours and dashes are valise-speed-style.c's. The words, for those who do not see the
 * picture, follow every few seconds: a screen reader must have the time to say them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-speed-graph.h"

#include <glib/gi18n.h>
#include <math.h>

#include "valise-accessible.h"
#include "valise-job-text.h"
#include "valise-speed-samples.h"
#include "valise-speed-style.h"

/* Two points are at least that far apart, in pixels. */
#define POINT_DISTANCE 4

/* Both limit what is drawn; no screen and no batch is larger. */
#define MAX_POINTS 2048
#define MAX_LINES 16

/* The time axis is at least that long, in seconds. */
#define LEAST_TIME 60

/* How often the words change, in seconds, and over which time they and the line's end look back. */
#define DESCRIBE_INTERVAL 5
#define NOW_SPAN (3 * G_USEC_PER_SEC)

#define GAP 6

struct _ValiseSpeedGraph
{
  GtkWidget parent_instance;

  GListModel *model; /* of ValiseSpeedSamples */
  GPtrArray *watched; /* the same, with our handlers connected */
  guint describe_source;
};

enum
{
  PROP_0,
  PROP_MODEL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (ValiseSpeedGraph, valise_speed_graph, GTK_TYPE_WIDGET)

/* One line, computed. */
typedef struct
{
  double rates[MAX_POINTS]; /* bytes per second */
  guint n;
  double label_x; /* where its number goes, in pixels */
  double label_y;
} Line;

/* A whole picture, computed. */
typedef struct
{
  guint n_lines;
  Line *lines;
  gint64 width; /* of a point, µs */
  double seconds; /* the time axis's length */
  double top;    /* the speed axis's end, in units */
  double step;   /* between two of its lines, in units */
  double unit;   /* bytes per second */
  const char *unit_name;
  double labels_x;  /* where the lines' numbers begin, in pixels */
  double column;    /* to the right of that, every second number where there are many; 0 if few */
  graphene_rect_t plot;
} Picture;

/* ---- words ---- */

/**
 * valise_speed_graph_describe:
 * @self: a graph
 *
 * Returns: (transfer full): the speed of each drive now, in words; of one that has none, why
 */
char *
valise_speed_graph_describe (ValiseSpeedGraph *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->watched->len; i++)
    {
      ValiseSpeedSamples *samples = self->watched->pdata[i];
      g_autofree char *rate
          = valise_job_text_rate (valise_speed_samples_get_rate (samples, NOW_SPAN));
      const char *note = valise_speed_samples_get_note (samples);

      if (i > 0)
        g_string_append_c (text, '\n');
      /* Translators: a drive’s number, name, and speed or state, such as “2, SanDisk: 45 MB/s”. */
      g_string_append_printf (text, _("%u, %s: %s"), i + 1,
                              valise_speed_samples_get_name (samples),
                              note != NULL ? note : rate);
    }
  return g_string_free (text, FALSE);
}

static void
update_description (ValiseSpeedGraph *self)
{
  g_autofree char *text = valise_speed_graph_describe (self);

  valise_accessible_describe (self, text);
}

static gboolean
describe_cb (gpointer data)
{
  ValiseSpeedGraph *self = data;

  self->describe_source = 0;
  update_description (self);
  return G_SOURCE_REMOVE;
}

/* ---- numbers ---- */

/* The least of 1, 2, 5, 10, 20 … that is not less than @x. */
static double
round_up (double x)
{
  double power = pow (10, floor (log10 (x)));
  double digits = x / power;

  if (digits <= 1)
    return power;
  if (digits <= 2)
    return 2 * power;
  return (digits <= 5 ? 5 : 10) * power;
}

/* The least step of a clock that is not less than @seconds. */
static double
round_time (double seconds)
{
  static const int steps[] = { 1,   2,   3,   5,    10,   15,   20,    30,
                               60,  120, 300, 600,  900,  1200, 1800,  3600,
                               7200, 10800, 21600, 43200, 86400 };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i] >= seconds)
      return steps[i];
  return round_up (seconds / 86400) * 86400;
}

static char *
format_time (double seconds)
{
  guint64 s = (guint64) seconds;

  if (s == 0)
    return g_strdup ("0");
  if (s % 60 != 0)
    /* Translators: on the time axis; a number of seconds. */
    return g_strdup_printf (_("%u s"), (guint) s);
  if (s % 3600 != 0)
    /* Translators: on the time axis; a number of minutes. */
    return g_strdup_printf (_("%u min"), (guint) (s / 60));
  /* Translators: on the time axis; a number of hours. */
  return g_strdup_printf (_("%u h"), (guint) (s / 3600));
}

/* Chooses the speed axis for what is @most. */
static void
choose_axis (Picture *picture, double most)
{
  const guint n_steps = CLAMP ((guint) (picture->plot.size.height / 36), 2, 6);

  if (most >= 1e9)
    {
      picture->unit = 1e9;
      picture->unit_name = _("GB/s");
    }
  else if (most >= 1e6 || most <= 0)
    {
      picture->unit = 1e6;
      picture->unit_name = _("MB/s");
    }
  else
    {
      picture->unit = 1e3;
      picture->unit_name = _("kB/s");
    }
  most = most > 0 ? most / picture->unit : 10;
  picture->step = round_up (most / n_steps);
  picture->top = ceil (most / picture->step - 1e-9) * picture->step;
}

static void
compute (ValiseSpeedGraph *self, Picture *picture)
{
  const double plot_width = MAX (picture->plot.size.width, 1);
  gint64 end = 0;
  double most = 0;

  picture->n_lines = MIN (self->watched->len, MAX_LINES);
  picture->lines = g_new (Line, MAX (picture->n_lines, 1));
  for (guint i = 0; i < picture->n_lines; i++)
    end = MAX (end, valise_speed_samples_get_end (self->watched->pdata[i]));
  picture->seconds = MAX (LEAST_TIME, end / (double) G_USEC_PER_SEC);
  picture->width = (gint64) round_time (MAX (picture->seconds * POINT_DISTANCE / plot_width,
                                            picture->seconds / MAX_POINTS))
                   * G_USEC_PER_SEC;
  for (guint i = 0; i < picture->n_lines; i++)
    {
      Line *line = &picture->lines[i];

      line->n = valise_speed_samples_resample (self->watched->pdata[i], picture->width, line->rates,
                                               MAX_POINTS);
      for (guint j = 0; j < line->n; j++)
        most = MAX (most, line->rates[j]);
    }
  choose_axis (picture, most);
}

static double
x_of (const Picture *picture, double seconds)
{
  return picture->plot.origin.x + seconds / picture->seconds * picture->plot.size.width;
}

/* Of a speed in units. */
static double
y_of (const Picture *picture, double speed)
{
  return picture->plot.origin.y + picture->plot.size.height * (1 - speed / picture->top);
}

static double
point_x (const Picture *picture, guint i)
{
  return x_of (picture, (i + 0.5) * picture->width / G_USEC_PER_SEC);
}

static double
point_y (const Picture *picture, const Line *line, guint i)
{
  return y_of (picture, line->rates[i] / picture->unit);
}

/* ---- the picture ---- */

static PangoLayout *
make_label (ValiseSpeedGraph *self, const char *text, int *width, int *height)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_get_pixel_size (layout, width, height);
  return layout;
}

/* Draws @text with its @anchor (0: its left end, 1: its right one) at @x, its middle at @y. */
static void
draw_label (ValiseSpeedGraph *self,
            GtkSnapshot *snapshot,
            const char *text,
            double x,
            double y,
            double anchor,
            const GdkRGBA *color)
{
  int width, height;
  g_autoptr (PangoLayout) layout = make_label (self, text, &width, &height);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) round (x - anchor * width),
                                                          (float) round (y - height / 2.0)));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static char *
format_speed (double speed, double step)
{
  return g_strdup_printf (step < 1 ? "%.1f" : "%.0f", speed);
}

/* Leaves room around the plot for the widest labels that can come. */
static void
place_plot (ValiseSpeedGraph *self, Picture *picture)
{
  const int width = gtk_widget_get_width (GTK_WIDGET (self));
  const int height = gtk_widget_get_height (GTK_WIDGET (self));
  int label_width, label_height, number_width;

  g_object_unref (make_label (self, "0000", &label_width, &label_height));
  g_object_unref (make_label (self, "00", &number_width, &label_height));
  picture->plot.origin.x = label_width + GAP;
  picture->plot.origin.y = label_height + GAP;
  picture->plot.size.height = height - picture->plot.origin.y - label_height - GAP;
  if (MIN (self->watched->len, MAX_LINES) * label_height > picture->plot.size.height)
    picture->column = number_width + GAP;
  picture->plot.size.width
      = width - picture->plot.origin.x - number_width - 3 * GAP - picture->column;
}

static void
draw_axes (ValiseSpeedGraph *self,
           GtkSnapshot *snapshot,
           cairo_t *cr,
           const Picture *picture,
           const GdkRGBA *text)
{
  const double left = picture->plot.origin.x;
  const double right = left + picture->plot.size.width;
  const double bottom = picture->plot.origin.y + picture->plot.size.height;
  const double step
      = round_time (MAX (picture->seconds / MAX (picture->plot.size.width / 72, 1), 10));
  GdkRGBA grid = *text;
  int unit_width, unit_height;

  g_object_unref (make_label (self, picture->unit_name, &unit_width, &unit_height));
  draw_label (self, snapshot, picture->unit_name, MAX (left - GAP, unit_width), unit_height / 2.0,
              1, text);
  cairo_set_line_width (cr, 1);
  grid.alpha = 0.2f;
  gdk_cairo_set_source_rgba (cr, &grid);
  for (guint i = 0; i * picture->step <= picture->top * 1.001; i++)
    {
      const double y = floor (y_of (picture, i * picture->step)) + 0.5;
      g_autofree char *label = format_speed (i * picture->step, picture->step);

      cairo_move_to (cr, left, y);
      cairo_line_to (cr, right, y);
      draw_label (self, snapshot, label, left - GAP, y, 1, text);
    }
  for (guint i = 0; i * step <= picture->seconds; i++)
    {
      const double x = floor (x_of (picture, i * step)) + 0.5;
      g_autofree char *label = format_time (i * step);

      cairo_move_to (cr, x, picture->plot.origin.y);
      cairo_line_to (cr, x, bottom + GAP / 2.0);
      /* The last one stays inside. */
      draw_label (self, snapshot, label, x, bottom + GAP + unit_height / 2.0,
                  i > 0 && x > right - 2 * GAP ? 1 : 0.5, text);
    }
  cairo_stroke (cr);
}

/* Finds places for the numbers at the lines' ends: as near as can be without covering another. */
static void
place_numbers (Picture *picture, double height)
{
  const double top = picture->plot.origin.y;
  const double bottom = top + picture->plot.size.height;
  Line *order[MAX_LINES];
  guint n = 0;

  for (guint i = 0; i < picture->n_lines; i++)
    {
      Line *line = &picture->lines[i];
      guint at = n;

      if (line->n == 0)
        continue;
      line->label_y = point_y (picture, line, line->n - 1);
      for (; at > 0 && order[at - 1]->label_y > line->label_y; at--)
        order[at] = order[at - 1];
      order[at] = line;
      n++;
    }
  for (guint i = 0; i < n; i++)
    picture->labels_x
        = MAX (picture->labels_x, point_x (picture, order[i]->n - 1) + 2 * GAP);
  height = MIN (height, (bottom - top) / MAX (n, 1));
  for (guint i = 1; i < n; i++)
    order[i]->label_y = MAX (order[i]->label_y, order[i - 1]->label_y + height);
  for (guint i = n; i-- > 0;)
    order[i]->label_y
        = MIN (order[i]->label_y, i + 1 < n ? order[i + 1]->label_y - height : bottom);
  for (guint i = 0; i < n; i++)
    order[i]->label_x = picture->labels_x + (i % 2 == 1 ? picture->column : 0);
}

static void
draw_line (cairo_t *cr, const Picture *picture, const Line *line, const ValiseSpeedStyle *style)
{
  valise_speed_style_apply (style, cr);
  cairo_move_to (cr, point_x (picture, 0), point_y (picture, line, 0));
  /* A line of one point is a dot. */
  cairo_line_to (cr, point_x (picture, 0) + 1, point_y (picture, line, 0));
  for (guint i = 1; i < line->n; i++)
    cairo_line_to (cr, point_x (picture, i), point_y (picture, line, i));
  cairo_stroke (cr);
}

/* From the line's end to its number. */
static void
draw_leader (cairo_t *cr, const Picture *picture, const Line *line, const ValiseSpeedStyle *style)
{
  GdkRGBA faint = style->color;

  faint.alpha = 0.5f;
  gdk_cairo_set_source_rgba (cr, &faint);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_move_to (cr, point_x (picture, line->n - 1), point_y (picture, line, line->n - 1));
  cairo_line_to (cr, line->label_x - 2, line->label_y);
  cairo_stroke (cr);
}

static void
draw_lines (ValiseSpeedGraph *self, GtkSnapshot *snapshot, cairo_t *cr, Picture *picture)
{
  int width, height;

  g_object_unref (make_label (self, "0", &width, &height));
  place_numbers (picture, height - 2);
  /* The first drive's line lies above the others. */
  for (guint i = picture->n_lines; i-- > 0;)
    {
      Line *line = &picture->lines[i];
      ValiseSpeedStyle style;
      g_autofree char *number = NULL;

      if (line->n == 0)
        continue;
      valise_speed_style_get (GTK_WIDGET (self), i, &style);
      draw_line (cr, picture, line, &style);
      if (picture->n_lines == 1)
        continue;
      draw_leader (cr, picture, line, &style);
      number = g_strdup_printf ("%u", i + 1);
      draw_label (self, snapshot, number, line->label_x, line->label_y, 0, &style.color);
    }
}

static void
valise_speed_graph_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  ValiseSpeedGraph *self = VALISE_SPEED_GRAPH (widget);
  const int width = gtk_widget_get_width (widget);
  const int height = gtk_widget_get_height (widget);
  Picture picture = { 0 };
  GdkRGBA text;
  cairo_t *cr;

  place_plot (self, &picture);
  if (picture.plot.size.width < 1 || picture.plot.size.height < 1)
    return;
  compute (self, &picture);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &text);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  /* No better than a screen shows, and several times as fast. */
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_FAST);
  cairo_set_tolerance (cr, 0.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_BEVEL);
  draw_axes (self, snapshot, cr, &picture, &text);
  draw_lines (self, snapshot, cr, &picture);
  cairo_destroy (cr);
  g_free (picture.lines);
}

static void
valise_speed_graph_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline)
{
  const gboolean horizontal = orientation == GTK_ORIENTATION_HORIZONTAL;

  *minimum = horizontal ? 240 : 160;
  *natural = horizontal ? 480 : 220;
}

/* ---- the model ---- */

static void
samples_changed_cb (ValiseSpeedSamples *samples, gpointer data)
{
  ValiseSpeedGraph *self = data;

  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->describe_source == 0)
    self->describe_source = g_timeout_add_seconds (DESCRIBE_INTERVAL, describe_cb, self);
}

static void
watch (ValiseSpeedGraph *self)
{
  const guint n = self->model != NULL ? g_list_model_get_n_items (self->model) : 0;

  for (guint i = 0; i < self->watched->len; i++)
    g_signal_handlers_disconnect_by_data (self->watched->pdata[i], self);
  g_ptr_array_set_size (self->watched, 0);
  for (guint i = 0; i < n; i++)
    {
      GObject *samples = g_list_model_get_item (self->model, i);

      g_signal_connect (samples, "changed", G_CALLBACK (samples_changed_cb), self);
      g_ptr_array_add (self->watched, samples);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
  update_description (self);
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  watch (data);
}

/**
 * valise_speed_graph_get_model:
 * @self: a graph
 *
 * Returns: (transfer none) (nullable): what it shows
 */
GListModel *
valise_speed_graph_get_model (ValiseSpeedGraph *self)
{
  return self->model;
}

/**
 * valise_speed_graph_set_model:
 * @self: a graph
 * @model: (transfer none) (nullable): the #ValiseSpeedSamples of each drive
 *
 * Sets what to show: a line for each drive.
 */
void
valise_speed_graph_set_model (ValiseSpeedGraph *self, GListModel *model)
{
  if (model == self->model)
    return;
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_set_object (&self->model, model);
  if (model != NULL)
    g_signal_connect (model, "items-changed", G_CALLBACK (items_changed_cb), self);
  watch (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODEL]);
}

/* ---- the object ---- */

static void
valise_speed_graph_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_MODEL)
    g_value_set_object (value, VALISE_SPEED_GRAPH (object)->model);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
valise_speed_graph_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  if (id == PROP_MODEL)
    valise_speed_graph_set_model (VALISE_SPEED_GRAPH (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
valise_speed_graph_dispose (GObject *object)
{
  ValiseSpeedGraph *self = VALISE_SPEED_GRAPH (object);

  valise_speed_graph_set_model (self, NULL);
  g_clear_handle_id (&self->describe_source, g_source_remove);
  G_OBJECT_CLASS (valise_speed_graph_parent_class)->dispose (object);
}

static void
valise_speed_graph_finalize (GObject *object)
{
  g_ptr_array_unref (VALISE_SPEED_GRAPH (object)->watched);
  G_OBJECT_CLASS (valise_speed_graph_parent_class)->finalize (object);
}

static void
valise_speed_graph_class_init (ValiseSpeedGraphClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = valise_speed_graph_get_property;
  object_class->set_property = valise_speed_graph_set_property;
  object_class->dispose = valise_speed_graph_dispose;
  object_class->finalize = valise_speed_graph_finalize;
  widget_class->snapshot = valise_speed_graph_snapshot;
  widget_class->measure = valise_speed_graph_measure;

  /**
   * ValiseSpeedGraph:model:
   *
   * The #ValiseSpeedSamples of each drive.
   */
  properties[PROP_MODEL]
      = g_param_spec_object ("model", NULL, NULL, G_TYPE_LIST_MODEL,
                             G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_css_name (widget_class, "speedgraph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
valise_speed_graph_init (ValiseSpeedGraph *self)
{
  self->watched = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Speed of the drives"), -1);
}

/**
 * valise_speed_graph_new:
 *
 * Returns: (transfer floating): a graph that shows nothing yet
 */
GtkWidget *
valise_speed_graph_new (void)
{
  return g_object_new (VALISE_TYPE_SPEED_GRAPH, NULL);
}
