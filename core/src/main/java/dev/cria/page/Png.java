package dev.cria.page;

import dev.cria.WorkException;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Draws the marks of a figure's sheet into a picture of twice its size in pixels. */
final class Png {
    private static final double SCALE = 2;

    private final Graphics2D canvas;

    private Png(Graphics2D canvas) {
        this.canvas = canvas;
    }

    static void write(Figure figure, Path file) {
        try (var out = Files.newOutputStream(file)) {
            ImageIO.write(drawn(figure.sheet()), "png", out);
        } catch (IOException e) {
            throw new WorkException(file + " cannot be written: " + e.getMessage(), "free space or give --out", e);
        }
    }

    /** Java finds fonts when it writes the first word, and fails there where the system has none. */
    private static BufferedImage drawn(Figure.Sheet sheet) {
        try {
            return draw(sheet);
        } catch (RuntimeException | LinkageError e) {
            throw new WorkException(
                    "Java finds no font here to write a picture's words with: " + e.getMessage(),
                    "install one and the library that lists them, such as Debian's fontconfig and fonts-dejavu-core",
                    e);
        }
    }

    static BufferedImage draw(Figure.Sheet sheet) {
        BufferedImage image = new BufferedImage(
                (int) Math.ceil(sheet.width() * SCALE),
                (int) Math.ceil(sheet.height() * SCALE),
                BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = image.createGraphics();
        canvas.setColor(Ink.SURFACE.light());
        canvas.fillRect(0, 0, image.getWidth(), image.getHeight());
        canvas.scale(SCALE, SCALE);
        canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        canvas.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        canvas.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        Png png = new Png(canvas);
        sheet.marks().forEach(png::draw);
        canvas.dispose();
        return image;
    }

    private void draw(Mark mark) {
        switch (mark) {
            case Mark.Path p -> {
                canvas.setColor(p.ink().light());
                canvas.setStroke(stroke(p));
                canvas.draw(route(p.points()));
            }
            case Mark.Area a -> {
                var color = a.ink().light();
                int alpha = (int) Math.round(255 * a.opacity());
                canvas.setColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha));
                canvas.fill(route(a.points()));
            }
            case Mark.Dot d -> dot(d);
            case Mark.Words w -> words(w);
        }
    }

    private void dot(Mark.Dot d) {
        var circle =
                new Ellipse2D.Double(d.at().x() - d.radius(), d.at().y() - d.radius(), 2 * d.radius(), 2 * d.radius());
        canvas.setColor(d.fill() == Mark.Fill.FULL ? d.ink().light() : Ink.SURFACE.light());
        canvas.fill(circle);
        if (d.fill() == Mark.Fill.HOLLOW) {
            canvas.setColor(d.ink().light());
            canvas.setStroke(new BasicStroke(1.4f));
            canvas.draw(circle);
        }
    }

    private void words(Mark.Words w) {
        int style = w.weight() == Mark.Weight.BOLD ? Font.BOLD : Font.PLAIN;
        canvas.setFont(new Font(Font.SANS_SERIF, style, 1).deriveFont((float) w.size()));
        canvas.setColor(w.ink().light());
        double wide = canvas.getFontMetrics().stringWidth(w.text());
        double shift =
                switch (w.anchor()) {
                    case START -> 0;
                    case MIDDLE -> wide / 2;
                    case END -> wide;
                };
        canvas.drawString(w.text(), (float) (w.at().x() - shift), (float) w.at().y());
    }

    private static BasicStroke stroke(Mark.Path p) {
        float[] dashes =
                switch (p.stroke()) {
                    case SOLID -> null;
                    case DASHED -> new float[] {5, 4};
                    case DOTTED -> new float[] {1.5f, 4};
                };
        return new BasicStroke((float) p.width(), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 10, dashes, 0);
    }

    private static Path2D route(List<Point> points) {
        Path2D path = new Path2D.Double();
        for (int i = 0; i < points.size(); i++) {
            Point p = points.get(i);
            if (i == 0) {
                path.moveTo(p.x(), p.y());
            } else {
                path.lineTo(p.x(), p.y());
            }
        }
        return path;
    }
}
