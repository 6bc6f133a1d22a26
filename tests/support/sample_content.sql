-- Copyright: (c) 2026, chatbot.ops contributors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Fills the schema of sample_schema.sql inside the server, the same each time, from two settings of the session:
-- sample.log_rows (rows of system_logs; the other tables follow in proportion) and sample.until (the latest time).

SET ROLE chatbot_app;
SELECT setseed(0.2412);

CREATE FUNCTION pg_temp.one_of(choices text[]) RETURNS text LANGUAGE sql VOLATILE AS
  'SELECT choices[1 + floor(random() * cardinality(choices))::integer]';
CREATE FUNCTION pg_temp.rows(divisor integer) RETURNS integer LANGUAGE sql STABLE AS
  'SELECT greatest(current_setting(''sample.log_rows'')::integer / divisor, 20)';
CREATE FUNCTION pg_temp.until() RETURNS timestamptz LANGUAGE sql STABLE AS
  'SELECT current_setting(''sample.until'')::timestamptz';

INSERT INTO subscribers (phone, full_name, province, preferences, opted_in_at)
SELECT
  '+34' || 600000000 + n * 7,
  pg_temp.one_of('{Lucía,Martín,Sofía,Hugo,María,Mateo,Julia,Leo,Paula,Daniel,Valeria,Alejandro,Carmen,Pablo,Begoña,
    Iñaki,Nuria,Álvaro,Rocío,Óscar}')
  || ' ' || pg_temp.one_of('{García,Fernández,González,Rodríguez,López,Martínez,Sánchez,Pérez,Gómez,Martín,Jiménez,
    Hernández,Ruiz,Díaz,Moreno,Muñoz,Álvarez,Romero,Gutiérrez,Núñez}')
  || ' ' || pg_temp.one_of('{Ibáñez,Vázquez,Castro,Ortega,Delgado,Peña,Cañizares,Iglesias,Medina,Garrido,Santos,Cano,
    Lozano,Crespo,Sáez,Quintana,Ferrer,Gallego,Vidal,Montero}'),
  pg_temp.one_of('{A Coruña,Alicante,Asturias,Barcelona,Bizkaia,Burgos,Cádiz,Córdoba,Granada,León,Madrid,Málaga,Murcia,
    Navarra,Sevilla,Soria,Toledo,Valencia,Valladolid,Zaragoza}'),
  jsonb_build_object(
    'favouriteNumbers', jsonb_build_array(lpad((n * 7919 % 100000)::text, 5, '0')),
    'remindBeforeDraw', random() < 0.6,
    'language', 'es'
  ),
  pg_temp.until() - interval '2 years' * (1 - n::float / pg_temp.rows(40)) - interval '1 day' * random()
FROM generate_series(1, pg_temp.rows(40)) AS n;
UPDATE subscribers SET opted_out_at = opted_in_at + interval '3 months' WHERE id % 23 = 0;

-- Every order has one to three tickets; every fifth ticket is still for sale.
CREATE TEMP TABLE ticket ON COMMIT DROP AS
SELECT m, CASE WHEN m % 5 > 0 THEN 1 + m / 2 END AS order_nth, d.*
FROM generate_series(1, pg_temp.rows(8)) AS m
JOIN (
  VALUES
    (0, 'Lotería de Navidad', make_date(extract(year FROM pg_temp.until())::integer, 12, 22), 20.00),
    (1, 'Sorteo de El Niño', make_date(extract(year FROM pg_temp.until())::integer + 1, 1, 6), 20.00),
    (2, 'Lotería del Jueves', date_trunc('week', pg_temp.until())::date + 3, 3.00),
    (3, 'Lotería del Sábado', date_trunc('week', pg_temp.until())::date + 5, 6.00)
) AS d (nth, draw, draw_date, price) ON d.nth = m / 3 % 4
ORDER BY m;

INSERT INTO orders (subscriber_id, status, total, payment_method, payment_reference, placed_at, paid_at)
SELECT
  1 + floor(o.chance * (SELECT count(*) FROM subscribers))::bigint,
  o.status,
  o.total,
  pg_temp.one_of('{Bizum,Tarjeta,PayPal}'),
  CASE WHEN o.status IN ('paid', 'refunded') THEN md5('payment/' || o.order_nth)::uuid END,
  o.placed_at,
  CASE WHEN o.status IN ('paid', 'refunded') THEN o.placed_at + interval '10 minutes' * random() END
FROM (
  SELECT
    order_nth,
    sum(price) AS total,
    random() AS chance,
    pg_temp.one_of('{paid,paid,paid,paid,paid,paid,paid,pending,cancelled,refunded}')::order_status AS status,
    pg_temp.until() - interval '90 days' * (1 - 2.0 * order_nth / pg_temp.rows(8)) - interval '2 hours' AS placed_at
  FROM ticket
  WHERE order_nth IS NOT NULL
  GROUP BY order_nth
  ORDER BY order_nth
) AS o;

INSERT INTO lottery_tickets (draw, draw_date, number, series, fraction, price, barcode, order_number)
SELECT
  draw, draw_date, lpad((m * 7919 % 100000)::text, 5, '0'), 1 + m / 100000, 1 + m % 10, price,
  sha256(('barcode/' || m)::bytea), o.number
FROM ticket
LEFT JOIN (SELECT number, row_number() OVER (ORDER BY number) AS nth FROM orders) AS o
  ON o.nth = ticket.order_nth
ORDER BY m;

INSERT INTO user_sessions (phone, state, context, updated_at)
SELECT
  phone,
  pg_temp.one_of('{choosing_number,choosing_number,paying,asking,done,done}'),
  jsonb_build_object(
    'step', id % 5,
    'cart', jsonb_build_array(
      jsonb_build_object('draw', 'Lotería de Navidad', 'number', lpad((id * 31 % 100000)::text, 5, '0'), 'quantity', 1)
    ),
    'lastMessage', pg_temp.one_of('{Quiero el 04512,¿Cuánto cuesta?,Sí,¿Puedo pagar con Bizum?,¿Ha tocado algo?,Gracias}')
  ),
  pg_temp.until() - interval '1 day' * random()
FROM subscribers
WHERE opted_out_at IS NULL
ORDER BY id DESC
LIMIT pg_temp.rows(100);

-- Two of the answers have a document, a large object each: a short text, and one of many pages.
INSERT INTO knowledge_base (id, question, answer, tags, attachment, updated_at)
SELECT
  md5('knowledge/' || question)::uuid, question, answer, tags::text[],
  CASE question
    WHEN '¿Puedo compartir un décimo?' THEN lo_from_bytea(
      0, convert_to('Bases de participación. Primera: cada décimo participa en un solo sorteo.', 'UTF8')
    )
    WHEN '¿Cómo cobro un premio?' THEN lo_from_bytea(
      0, (SELECT string_agg(sha256(n::text::bytea), '' ORDER BY n) FROM generate_series(1, 8192) AS n)
    )
  END,
  pg_temp.until() - interval '1 month'
FROM (
  VALUES
    ('¿Qué es un décimo?',
     'Un décimo es la décima parte de un billete. Cada billete lleva un número de cinco cifras y una serie.',
     '{décimos}'),
    ('¿Cómo compro un décimo?',
     'Escribe el número que buscas o la palabra SORPRESA. Te enseñamos los décimos libres, eliges y pagas desde aquí.',
     '{compra,décimos}'),
    ('¿Cómo puedo pagar?',
     'Con Bizum, con tarjeta o con PayPal. El décimo queda reservado a tu nombre durante treinta minutos.',
     '{pago}'),
    ('¿Cuánto cuesta un décimo de Navidad?',
     'Veinte euros. No cobramos gastos de gestión; el envío certificado, si lo quieres, cuesta 4,90 €.',
     '{precio,navidad}'),
    ('¿Cuándo es el sorteo de Navidad?',
     'El 22 de diciembre por la mañana, desde el Teatro Real de Madrid.',
     '{sorteo,navidad}'),
    ('¿Cuándo es el sorteo de El Niño?',
     'El 6 de enero a mediodía.',
     '{sorteo,niño}'),
    ('¿Cómo sé si me ha tocado?',
     'La misma tarde del sorteo te escribimos con el resultado de cada décimo que nos hayas comprado.',
     '{premios}'),
    ('¿Cómo cobro un premio?',
     'Los premios menores se abonan en tu cuenta en dos días. Los mayores se cobran en el banco, con el décimo original.',
     '{premios,cobro}'),
    ('¿Qué impuestos paga un premio?',
     'Los primeros 40.000 euros de cada décimo están exentos; sobre el resto se retiene el veinte por ciento.',
     '{premios,impuestos}'),
    ('¿Cuánto tiempo tengo para cobrar?',
     'Tres meses desde el día siguiente al sorteo. Después el premio caduca.',
     '{premios,cobro}'),
    ('¿Puedo devolver un décimo?',
     'Sí, hasta dos días antes del sorteo. El dinero vuelve por el mismo medio con el que pagaste.',
     '{devolución}'),
    ('¿Puedo compartir un décimo?',
     'Sí. Pídenos una participación y mandaremos a cada persona un resguardo con su parte.',
     '{compartir}'),
    ('¿Dónde se guarda mi décimo?',
     'En la caja fuerte de la administración. Puedes recogerlo cuando quieras enseñando tu DNI.',
     '{custodia}'),
    ('¿Cómo dejo de recibir mensajes?',
     'Escribe BAJA. No volveremos a escribirte, y tus décimos seguirán guardados a tu nombre.',
     '{baja}')
) AS k (question, answer, tags);

DO $$
DECLARE
  document oid;
BEGIN
  FOR document IN SELECT attachment FROM knowledge_base WHERE attachment IS NOT NULL LOOP
    EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO chatbot_readonly', document);
  END LOOP;
END
$$;

-- %1$s is an order, %2$s the number of a ticket, %3$s milliseconds. A line's weight is how many of 200 rows it makes.
CREATE TEMP TABLE line ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY nth, copy) AS place, level, workflow_id, node, message
FROM (
  VALUES
    (1, 46, 'info', 'vD4kQ8sXw2LmN7Ra', 'WhatsApp Trigger', 'Mensaje recibido: «Quiero el %2$s»'),
    (2, 38, 'info', 'vD4kQ8sXw2LmN7Ra', 'Buscar décimo', 'Décimo %2$s encontrado en %3$s ms'),
    (3, 24, 'info', 'vD4kQ8sXw2LmN7Ra', 'Reservar', 'Décimo %2$s reservado para el pedido %1$s'),
    (4, 18, 'info', 'bZ7nT3cYk9WpJ5Ue', 'Webhook Bizum', 'Pago del pedido %1$s confirmado'),
    (5, 22, 'info', 'fQ2hM6rGx8VtB4Ks', 'Buscar respuesta', 'Pregunta contestada en %3$s ms'),
    (6, 12, 'info', 'aP9wL5jDn3CzS7Yo', 'Enviar aviso', 'Aviso de sorteo entregado'),
    (7, 6, 'info', 'tR8eF2uHm4XkV6Qi', 'Alta', 'Nueva suscripción'),
    (8, 4, 'info', 'tR8eF2uHm4XkV6Qi', 'Baja', 'Baja atendida'),
    (9, 2, 'debug', 'cG5yN9oKb2TjW7Ml', 'Borrar caducadas', 'Sesiones caducadas borradas en %3$s ms'),
    (10, 10, 'warning', 'vD4kQ8sXw2LmN7Ra', 'Buscar décimo', 'El décimo %2$s ya no está libre; se ofrecen otros'),
    (11, 6, 'warning', 'bZ7nT3cYk9WpJ5Ue', 'Webhook Bizum', 'Pedido %1$s sin pagar a los 30 minutos: se libera'),
    (12, 6, 'warning', 'aP9wL5jDn3CzS7Yo', 'Enviar aviso', 'WhatsApp responde 429; se reintenta en %3$s ms'),
    (13, 3, 'error', 'bZ7nT3cYk9WpJ5Ue', 'Cobrar', 'Pago del pedido %1$s rechazado por el banco'),
    (14, 2, 'error', 'aP9wL5jDn3CzS7Yo', 'Enviar aviso', 'Mensaje no entregado: el número no tiene WhatsApp'),
    (15, 1, 'error', 'fQ2hM6rGx8VtB4Ks', 'Buscar respuesta', 'La API no contesta: tiempo agotado a los %3$s ms')
) AS t (nth, weight, level, workflow_id, node, message), generate_series(1, weight) AS copy;

INSERT INTO system_logs (id, level, message, context, user_phone, workflow_id, created_at)
SELECT
  md5('log/' || r.n)::uuid,
  line.level,
  format(line.message, r.order_number, r.ticket, r.ms),
  jsonb_build_object(
    'node', line.node,
    'executionId', 48000 + r.n,
    'durationMs', r.ms,
    'order', r.order_number,
    'attempt', CASE WHEN line.level IN ('info', 'debug') THEN 1 ELSE 2 END,
    'requestId', md5('request/' || r.n)
  ),
  '+34' || 600000000 + r.subscriber * 7,
  line.workflow_id,
  pg_temp.until() - interval '90 days' * (1 - r.n::float / pg_temp.rows(1))
FROM (
  SELECT
    n,
    1 + floor(random() * 200)::integer AS place,
    100001 + floor(random() * pg_temp.rows(20))::integer AS order_number,
    lpad(floor(random() * 100000)::text, 5, '0') AS ticket,
    40 + floor(random() * random() * 1800)::integer AS ms,
    1 + floor(random() * pg_temp.rows(40))::integer AS subscriber
  FROM generate_series(1, pg_temp.rows(1)) AS n
) AS r
JOIN line USING (place);

REFRESH MATERIALIZED VIEW reporting.errors_by_workflow;
RESET ROLE;
