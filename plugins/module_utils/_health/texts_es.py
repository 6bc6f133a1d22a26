# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the checks in Spanish."""

from __future__ import annotations

SPANISH = {
    "state_warning": "ADVERTENCIA",
    "state_critical": "CRÍTICO",
    "state_unknown": "NO SE SABE",
    "nothing": "nada",
    "not_good": "no está bien",
    "say_unknown": "{what}: no se sabe ({problem}).",
    "advice_unknown": "Corrija lo que dice el mensaje y ejecute chatbot.ops.health_check de nuevo.",
    "title_endpoint": "Qué responde",
    "title_latency": "Cuánto tarda en responder",
    "title_certificate": "Hasta cuándo vale el certificado",
    "title_trust": "Si el certificado es de confianza",
    "title_readiness": "Si n8n está listo",
    "title_executions": "Cuántas ejecuciones fallaron",
    "title_containers": "Cómo están los contenedores",
    "title_connect": "Si la base de datos responde",
    "title_size": "El tamaño de la base de datos",
    "title_connections": "Cuántas conexiones tiene",
    "title_locks": "Quién espera por bloqueos",
    "title_bloat": "Cuántas filas muertas hay",
    "title_transaction_age": "La edad de la transacción más antigua",
    "title_replication": "Cuánto se atrasan las réplicas",
    "title_archiving": "Si se archiva el registro de transacciones",
    "title_extensions": "Si las extensiones están al día",
    "title_cpu": "Cuánto trabajan los procesadores",
    "title_load": "La carga",
    "title_memory": "La memoria",
    "title_swap": "La memoria de intercambio",
    "title_oom": "Si se mató algo por falta de memoria",
    "title_disks": "Cuán lleno está el disco",
    "title_sync": "Si el reloj va bien",
    "title_ntp": "Si algo mantiene el reloj en hora",
    "title_updates_security": "Si hay actualizaciones de seguridad pendientes",
    "title_updates_pending": "Si hay actualizaciones pendientes",
    "title_updates_reboot": "Si hay que reiniciar el servidor",
    "title_backups": "Qué contiene el repositorio",
    "title_verified": "Qué vale el último respaldo",
    "title_dns": "Adónde apunta el nombre",
    "title_supabase": "Cómo está el proyecto",
    "title_look": "Cómo está el servidor",
    "title_memory_of_looks": "Lo visto otras veces (tendencias, reinicios, falta de memoria)",
    "because_no_answer": "no responde",
    "because_no_certificate": "falta la biblioteca de Python cryptography, o no se mostró ningún certificado",
    "because_not_connected": "la base de datos no responde",
    "because_cut_off": "no recibe nada de su primario",
    "because_not_replayed": "no ha aplicado nada desde que arrancó",
    "because_no_counter": "el núcleo no lo dice",
    "because_old_lists": "las listas de paquetes son de hace {age}",
    "because_not_listed": "no se pudo leer",
    "because_no_backup": "no hay ningún respaldo bueno de {source} en {repository}",
    "say_reachable": "El servidor responde.",
    "say_unreachable": "No se llega al servidor: {problem}.",
    "advice_unreachable": (
        "Pruebe con ssh y después con la consola del proveedor. Si se perdió: chatbot.ops.rebuild_server."
    ),
    "advice_look": "Ejecute chatbot.ops.install_toolchain para él, y después chatbot.ops.health_check de nuevo.",
    "say_cpu": "Los procesadores trabajan al {percent} %.",
    "say_load": "La carga de cinco minutos es {load}; núcleos: {cores}.",
    "advice_load": "Mire qué ocupa el tiempo: `top -o %CPU`, `docker stats --no-stream`.",
    "say_server_memory": "Quedan {left} de {size} de memoria.",
    "advice_server_memory": (
        "Mire qué la ocupa: `docker stats --no-stream`, `ps aux --sort=-rss | head`. Póngale un límite o dé más "
        "memoria."
    ),
    "say_no_swap": "No hay memoria de intercambio.",
    "say_swap": "Se usa el {percent} % de {size} de memoria de intercambio.",
    "say_oom": (
        "Se mató {n} proceso por falta de memoria en un día.|Se mataron {n} procesos por falta de memoria en un día."
    ),
    "advice_oom": (
        "Mire cuál: `journalctl -k --grep 'Out of memory|oom-kill'`. Dé más memoria al servidor o ponga un "
        "límite a lo que la ocupa."
    ),
    "say_disk": "{mount} está al {percent} %; quedan {left}.",
    "advice_disk": (
        "Mire qué lo llena: `du -xh --max-depth=2 {mount} | sort -h | tail`. Después, chatbot.ops.rotate_logs, "
        "chatbot.ops.prune_backups o `docker image prune`."
    ),
    "say_inodes": "Se usa el {percent} % de los inodos de {mount}.",
    "say_no_inodes": "{mount} no tiene un número fijo de inodos.",
    "advice_inodes": (
        "Mire dónde están tantos archivos pequeños: `du -x --inodes --max-depth=3 {mount} | sort -n | tail`."
    ),
    "say_no_trend": "{mount}: todavía no hay datos para una tendencia.",
    "say_not_growing": "{mount} no se llena desde hace {span} días.",
    "say_days_left": "{mount} estará lleno en {days} días, a {growth} al día (en {span} días).",
    "say_clock_off": "El reloj se desvía {time}.",
    "advice_clock": (
        "Póngalo en hora: `systemctl restart systemd-timesyncd` (o chrony); después, `timedatectl` tiene que "
        "decir synchronized."
    ),
    "say_synchronised": "El reloj está sincronizado.",
    "say_not_synchronised": "El reloj va bien, pero nada lo sincroniza.",
    "say_ntp": "{services} mantiene el reloj en hora.",
    "say_no_ntp": "Ningún servicio mantiene el reloj en hora.",
    "advice_ntp": "Ponga uno: `apt-get install chrony` o `timedatectl set-ntp true`.",
    "say_updates_security": (
        "Hay {n} actualización de seguridad pendiente.|Hay {n} actualizaciones de seguridad pendientes."
    ),
    "say_updates_pending": "Hay {n} actualización pendiente.|Hay {n} actualizaciones pendientes.",
    "advice_updates": "Instálelas: `apt-get update && apt-get dist-upgrade`, después de chatbot.ops.backup_stack.",
    "advice_lists": "Ejecute `apt-get update`; unattended-upgrades lo hace a diario.",
    "say_no_reboot": "No hace falta reiniciar el servidor.",
    "say_reboot": "Hay que reiniciar el servidor para que una actualización tenga efecto.",
    "advice_reboot": (
        "Ejecute chatbot.ops.backup_stack y, a una hora tranquila, `systemctl reboot`; el sistema arranca solo."
    ),
    "say_answers": "{name} responde como debe.",
    "say_no_answer": "{name} no responde: {problem}.",
    "say_status": "{name} responde {status}; lo correcto es {wanted}.",
    "say_no_keyword": "{name} responde sin «{keyword}».",
    "advice_endpoint": (
        "En el servidor: `docker compose ps`, y `docker compose logs --tail=50` de lo que no esté bien; después, "
        "el log de nginx."
    ),
    "say_latency": "{name} responde en {time}.",
    "advice_latency": (
        "Mire primero server.load, database.locks y database.connections; después, el log de lo que responde."
    ),
    "say_expires": "El certificado de {name} vale hasta el {date} ({days} días).",
    "say_expired": "El certificado de {name} caducó el {date} (hace {days} días).",
    "advice_certificate": (
        "Renuévelo: `certbot renew`, y mire por qué no lo hizo su temporizador: `systemctl status "
        "certbot.timer`. Hay que recargar nginx."
    ),
    "say_trusted": "El certificado de {name} es de confianza.",
    "say_untrusted": "El certificado de {name} no es de confianza: {problem}.",
    "advice_trust": (
        "Que nginx sirva el certificado correcto con toda su cadena (fullchain.pem), o ponga el ca del endpoint "
        "si la autoridad es propia."
    ),
    "say_ready": "n8n está listo.",
    "say_not_ready": "n8n no está listo: {problem}.",
    "advice_ready": (
        "Mire si está su base de datos, y después su log: `docker compose logs --tail=50 n8n`. También responde "
        "así mientras migra."
    ),
    "say_failed": "Falló {n} de {total} ejecuciones en {span}.|Fallaron {n} de {total} ejecuciones en {span}.",
    "advice_failed_executions": "Ábralas en n8n (Executions, estado Error), empezando por el workflow que más falla.",
    "say_missing": "No hay ningún contenedor de {name}.",
    "advice_missing": "Arránquelo: `docker compose up --detach {name}`, o chatbot.ops.deploy_stack.",
    "say_runs": "{name} está en marcha.",
    "say_runs_not": "{name} no está en marcha; está {status} (código de salida {code}).",
    "advice_runs_not": (
        "Mire por qué terminó: `docker logs --tail=50 {name}`; después, arránquelo: `docker start {name}`."
    ),
    "say_health_ok": "{name} está sano.",
    "say_health_warning": "{name} todavía está arrancando.",
    "say_health_critical": "{name} está en marcha, pero no está sano.",
    "advice_health": (
        "Mire qué dice su comprobación: `docker inspect --format '{{{{json .State.Health}}}}' {name}`; su log; "
        "después, `docker restart {name}`."
    ),
    "say_restarts": "{name} se reinició {n} vez en la última hora.|{name} se reinició {n} veces en la última hora.",
    "say_loop": "{name} termina una y otra vez (código de salida {code}).",
    "advice_restarts": "Mire sus últimas palabras: `docker logs --tail=50 {name}`. ¿Qué se cambió por último?",
    "say_killed": "A {name} le faltó memoria, y se mató.|A {name} le faltó memoria, y se mató {n} veces.",
    "say_memory": "{name} ocupa {used} de {limit} de memoria.",
    "say_memory_used": "{name} ocupa {used} de memoria, sin límite.",
    "say_no_kills": "A {name} no le faltó memoria.",
    "advice_memory": "Dele más memoria (mem_limit en el archivo de compose), o averigüe qué la ocupa: `docker stats`.",
    "say_image": "{name} usa la imagen de su etiqueta.",
    "say_image_old": "{name} usa una imagen más antigua que la que ahora es {image}.",
    "advice_image": "Cree el contenedor de nuevo: chatbot.ops.deploy_stack, o `docker compose up --detach {name}`.",
    "say_not_connected": "La base de datos no responde: {problem}.",
    "advice_connect": (
        "Mire si está en marcha: `docker compose ps postgres`, y su log. Si se perdieron sus datos: "
        "chatbot.ops.restore_database."
    ),
    "say_connected": "La base de datos responde en {time}.",
    "advice_connect_slow": "Mire server.load y el disco; después, cuántas conexiones hay.",
    "say_size": "La base de datos ocupa {size}.",
    "advice_size": "Mire sus tablas más grandes; las filas antiguas de los logs se van con chatbot.ops.archive_logs.",
    "say_connections": "Se usan {used} de {max} conexiones.",
    "advice_connections": "Mire quién las tiene y reduzca su pool, o suba max_connections.",
    "say_no_waits": "Nadie espera por un bloqueo.",
    "say_locks": (
        "{n} conexión espera por un bloqueo, desde hace {time}.|{n} conexiones esperan por un bloqueo, la que "
        "más desde hace {time}."
    ),
    "say_waits": "el proceso {pid} ({user}) espera desde hace {time} a {blockers}",
    "advice_locks": "Mire qué lo tiene (pg_stat_activity); para terminarlo: `SELECT pg_terminate_backend({blocker})`.",
    "say_bloat": "El {percent} % de las tablas son filas muertas ({size}), según las estadísticas.",
    "advice_bloat": (
        "`VACUUM (ANALYZE) {table}`, y mire por qué no lo hace autovacuum: casi siempre, una transacción abierta."
    ),
    "say_transactions": "El número de transacción más antiguo de {database} tiene {age} de edad.",
    "advice_transactions": (
        "`VACUUM (FREEZE)` en {database} como su dueño, y termine lo que lo frena: transacciones viejas, slots "
        "de replicación sin uso."
    ),
    "say_no_replication": "No hay réplica.",
    "say_lag": "Las réplicas se atrasan {time} como mucho.",
    "say_cut_off": "Esta réplica no recibe nada de su primario; su última transacción es de hace {time}.",
    "advice_replication": "Mire el log de la réplica, su disco y la red entre ambos.",
    "say_slot": "Nadie lee el slot de replicación {slot}, por el que se guardan {size} de registro.",
    "advice_slot": (
        "Arranque a quien lo lee o, si no lo habrá: `SELECT pg_drop_replication_slot('{slot}')`. Si no, el disco "
        "se llena."
    ),
    "say_no_archiving": "El registro de transacciones no se archiva; no hay recuperación a un instante.",
    "say_archiving": "El registro de transacciones se archiva.",
    "say_archiving_waits": (
        "{n} archivo lleno del registro de transacciones no está archivado todavía; el más antiguo espera desde hace {time}.|"
        "{n} archivos llenos del registro de transacciones no están archivados todavía; el más antiguo espera desde hace {time}."
    ),
    "say_archiving_fails": (
        "El registro de transacciones no se puede archivar: {file} falló la última vez. No hay recuperación a un "
        "instante, y el disco se llena."
    ),
    "advice_archiving": (
        "Mire el log del servidor y después el repositorio; chatbot.ops.install_pitr lo prepara de nuevo."
    ),
    "say_extensions": "Las extensiones están al día.",
    "say_outdated": (
        "{n} extensión tiene una versión más nueva en el servidor.|{n} extensiones tienen versiones más nuevas "
        "en el servidor."
    ),
    "advice_extensions": "Después de chatbot.ops.backup_stack: `ALTER EXTENSION {extension} UPDATE`, y así cada una.",
    "say_no_backup": "No hay ningún respaldo bueno de {source} en {repository}.",
    "say_backup_age": "El último respaldo bueno de {source} en {repository} es de hace {age}.",
    "say_newer_bad": "El último respaldo bueno de {source} en {repository} es de hace {age}; uno más nuevo está mal.",
    "advice_backup": "Ejecute chatbot.ops.backup_stack, lea lo que dice y mire por qué no lo hizo su temporizador.",
    "advice_unlisted": (
        "Mire si el repositorio está ahí (montado, sus credenciales); después, chatbot.ops.backup_stack."
    ),
    "say_verified": "El último respaldo comprobado de {source} en {repository} ({level}) es de hace {age}.",
    "say_unverified": "Ningún respaldo de {source} en {repository} se comprobó hasta el nivel {level}.",
    "advice_verify": "Ejecute chatbot.ops.verify_backups, y asegúrese de que tenga un temporizador.",
    "say_backup_size": "El último respaldo de {source} en {repository} ocupa {size}.",
    "say_backup_small": "El último respaldo de {source} en {repository} ocupa {size}; lo normal son {usual}.",
    "advice_backup_size": (
        "Mire si se perdieron datos de {source} antes de respaldarlos, y conserve los respaldos anteriores de {repository}."
    ),
    "say_backup_duration": "El último respaldo de {source} en {repository} tardó {time}.",
    "advice_backup_duration": "Mire la carga del servidor y el camino al repositorio.",
    "say_no_rehearsal": "Nunca hubo un ensayo de recuperación: no se sabe si funciona ni cuánto tarda.",
    "say_rehearsal_failed": "El último ensayo, hace {age}, no lo recuperó todo.",
    "say_rto": "El último ensayo, hace {age}, tardó {time}.",
    "say_rpo": "En el último ensayo, hace {age}, el respaldo más nuevo era de {time} antes.",
    "say_objective": "El objetivo es {time}.",
    "advice_rehearse": "Ejecute chatbot.ops.rehearse_recovery; cada mes, con un temporizador.",
    "advice_rehearsal_failed": (
        "Lea su informe en reports/, corríjalo y ejecute chatbot.ops.rehearse_recovery de nuevo."
    ),
    "advice_rto": "Mire en su informe qué fase tarda más, o corrija objectives.rto.",
    "advice_rpo": (
        "Haga respaldos más a menudo (chatbot.ops.backup_stack con un temporizador; chatbot.ops.install_pitr para "
        "minutos)."
    ),
    "say_dns": "{name} apunta a {answers}.",
    "say_dns_elsewhere": "{name} apunta a {answers}, y no solo a {address}.",
    "say_dns_nothing": "{name} no apunta a ninguna parte.",
    "advice_dns": (
        "Si debe apuntar a {address}: chatbot.ops.point_dns. Si nadie lo movió, cambie primero la contraseña del "
        "proveedor de DNS."
    ),
    "say_dns_server": "{name} apunta aquí, pero no todos los servidores de nombres responden: {problem}.",
    "advice_dns_server": "Mire la página de estado del proveedor de DNS; mientras tanto responden los demás.",
    "say_supabase": "El proyecto de Supabase está {status}.",
    "say_supabase_ill": "El proyecto de Supabase no está sano; está {status}.",
    "advice_supabase": "Mire status.supabase.com y el panel del proyecto. Un proyecto en pausa se reanuda allí.",
    "say_supabase_backup": "Supabase puede volver a hace {age}.",
    "say_supabase_no_backup": "Supabase no tiene ningún respaldo gestionado del proyecto.",
    "advice_supabase_backup": (
        "Mire el panel del proyecto (Database, Backups); chatbot.ops.backup_stack hace respaldos propios."
    ),
}
