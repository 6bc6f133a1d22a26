# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of what is known of images, in English and Spanish. ``one|many`` are the forms for one thing and any other number."""

from __future__ import annotations

_ENGLISH = {
    "image_running": "{name} runs {image} as it is here.",
    "image_running_old": "{name} runs an older image than the one that is called {image} here.",
    "image_running_unknown": "{name}: whether it runs the newest image that is here is not known. {problem}",
    "image_registry": "{name}: {image} is the newest that its registry has.",
    "image_registry_old": "{name}: its registry has a newer {image}.",
    "image_registry_unknown": "{name}: whether its registry has a newer image is not known. {problem}",
    "image_base": "{name} is built on the newest {image}.",
    "image_base_scratch": "{name} is built on nothing else.",
    "image_base_old": "{name} is built on an older {image} than its registry has.",
    "image_base_unknown": "{name}: whether there is a newer image to build on is not known. {problem}",
    "image_age": "{name}: its image was made {n} day ago.|{name}: its image was made {n} days ago.",
    "image_age_unknown": "{name}: when its image was made is not known.",
    "image_read_unknown": "The images could not be looked at: {problem}",
    "image_no_tag": "No image here is called {image} any more.",
    "image_only_id": "It was started by an id, and not by a name.",
    "image_no_digest": "No registry is known to have it: it came here in another way.",
    "image_only_digest": "It is pinned to a digest, without a tag to compare it with.",
    "image_advice_running": "Make the container anew: docker compose up --detach.",
    "image_advice_registry": "Update it: the handbook says how, under Updates.",
    "image_advice_base": "Build it anew with --pull, and deploy it.",
    "image_advice_age": "See whether there is a newer one, and whether it is still looked after.",
    "image_advice_unknown": "Correct what the message says, and look again.",
    "image_advice_pin": "Name the tag beside the digest: image:tag@sha256:…",
}

_SPANISH = {
    "image_running": "{name} usa {image} tal como está aquí.",
    "image_running_old": "{name} usa una imagen más antigua que la que aquí se llama {image}.",
    "image_running_unknown": "{name}: no se sabe si usa la imagen más nueva de aquí. {problem}",
    "image_registry": "{name}: {image} es la más nueva que tiene su registro.",
    "image_registry_old": "{name}: su registro tiene una {image} más nueva.",
    "image_registry_unknown": "{name}: no se sabe si su registro tiene una imagen más nueva. {problem}",
    "image_base": "{name} está construida sobre la {image} más nueva.",
    "image_base_scratch": "{name} no está construida sobre ninguna otra.",
    "image_base_old": "{name} está construida sobre una {image} más antigua que la de su registro.",
    "image_base_unknown": "{name}: no se sabe si hay una imagen más nueva sobre la que construir. {problem}",
    "image_age": "{name}: su imagen se hizo hace {n} día.|{name}: su imagen se hizo hace {n} días.",
    "image_age_unknown": "{name}: no se sabe cuándo se hizo su imagen.",
    "image_read_unknown": "No se pudo mirar las imágenes: {problem}",
    "image_no_tag": "Aquí ya no hay imagen que se llame {image}.",
    "image_only_id": "Se arrancó por un id, y no por un nombre.",
    "image_no_digest": "No se sabe de ningún registro que la tenga: llegó de otra manera.",
    "image_only_digest": "Está fijada a un digest, sin etiqueta con que compararla.",
    "image_advice_running": "Vuelva a crear el contenedor: docker compose up --detach.",
    "image_advice_registry": "Actualícela: el manual dice cómo, en Actualizaciones.",
    "image_advice_base": "Constrúyala de nuevo con --pull, y despliéguela.",
    "image_advice_age": "Mire si hay una más nueva y si alguien la sigue cuidando.",
    "image_advice_unknown": "Corrija lo que dice el mensaje y vuelva a mirar.",
    "image_advice_pin": "Ponga la etiqueta junto al digest: image:tag@sha256:…",
}

TEXTS = {"en": _ENGLISH, "es": _SPANISH}
