"""The pages of hazards: report one, see those nearby, tell more of one."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from localservices.hazards import coordinates, drawing, forms, service
from localservices.hazards.drawing import SPAN_USUAL_M, SPANS_M, View
from localservices.hazards.service import Brief, Nearby
from localservices.refusal import FormRefusal, Refusal
from localservices.security import current_desk
from sync.store.errors import StoreFailedError, StoreFullError
from sync.wire import earth, hazard_codes
from sync.wire.earth import Point
from sync.wire.errors import MalformedError
from sync.wire.kinds import hazard
from sync.wire.kinds.hazard import Device, Lies, Threatened

_POSITION = "camera=(), geolocation=(self), microphone=()"
_CODE_CHARS_MAX = 40


def create_pages(place: Point | None, brief: Brief) -> Blueprint:
    """``place`` is where the centre stands; ``brief`` signs and seals the short form."""
    pages = Blueprint("hazards", __name__, template_folder="templates")
    views = _Pages(place, brief)
    pages.add_url_rule("/hazards", "listing", views.listing)
    pages.add_url_rule("/hazards", "save", views.save, methods=["POST"])
    pages.add_url_rule("/hazards/new", "new", views.new)
    pages.add_url_rule("/hazards/new", "edit", views.edit, methods=["POST"])
    pages.add_url_rule("/hazards/map.svg", "map", views.map)
    pages.add_url_rule("/hazards.geojson", "geojson", views.geojson)
    pages.add_url_rule("/hazards/<public_id>", "one", views.one)
    pages.add_url_rule("/hazards/<public_id>", "tell", views.tell, methods=["POST"])
    pages.after_request(_allow_position)
    return pages


def _allow_position(response: Response) -> Response:
    if request.endpoint in ("hazards.new", "hazards.edit", "hazards.save"):
        response.headers["Permissions-Policy"] = _POSITION
    return response


@dataclass(frozen=True, slots=True)
class _Pages:
    """One method a page."""

    place: Point | None
    brief: Brief

    def new(self) -> ResponseReturnValue:
        return self._form({})

    def edit(self) -> ResponseReturnValue:
        """A click on the map, or another scale; nothing is saved."""
        fields = request.form.to_dict()
        view = self._view(fields)
        x, y = (request.form.get(f"spot.{axis}", type=int) for axis in "xy")
        if view is not None and x is not None and y is not None:
            point = view.point(x, y)
            fields["at"] = f"{point.lat:.5f}, {point.lon:.5f}"
            fields["accuracy_m"] = str(view.click_m)
        return self._form(fields)

    def save(self) -> ResponseReturnValue:
        if "spot.x" in request.form or "span" in request.form:
            return self.edit()
        desk, fields = current_desk(), request.form.to_dict()
        try:
            said = forms.read(fields)
            if "near_to" not in fields and (near := service.same_place(desk, said)):
                return self._form(fields, near=near)
            receipt = service.report(desk, said)
        except FormRefusal as refusal:
            return self._form(fields, refusal.problems), 422
        except StoreFullError:
            return self._form(fields, trouble="disk_full"), 507
        except StoreFailedError:
            return self._form(fields, trouble="disk_failed"), 503
        already = 1 if receipt.repeated else None
        return redirect(url_for("hazards.one", public_id=receipt.public_id, already=already), 303)

    def one(self, public_id: str) -> ResponseReturnValue:
        return self._one(public_id, {})

    def tell(self, public_id: str) -> ResponseReturnValue:
        """More of a report that is saved already."""
        desk, fields = current_desk(), request.form.to_dict()
        if service.find(desk, public_id) is None:
            abort(404)
        try:
            form_id = forms.read_form_id(fields)
            desk.store.write(forms.read_details(fields, public_id, desk.staff_name), form_id)
        except FormRefusal as refusal:
            return self._one(public_id, fields, refusal.problems), 422
        except StoreFullError:
            return self._one(public_id, fields, trouble="disk_full"), 507
        except StoreFailedError:
            return self._one(public_id, fields, trouble="disk_failed"), 503
        return redirect(url_for("hazards.one", public_id=public_id, told=1), 303)

    def listing(self) -> ResponseReturnValue:
        desk, problem = current_desk(), None
        found = service.around(desk, self.place) if desk.can_read else None
        if typed := request.args.get("code", "")[:_CODE_CHARS_MAX]:
            try:
                ref = hazard_codes.read_code(typed)
            except MalformedError:
                problem = "hazards.code_wrong"
            else:
                found = tuple(one for one in found or () if one.known.ref == ref)
        middle = self.place or next((one.point for one in found or () if one.point), None)
        span_m = _span(request.args.get("span", ""))
        view = View(middle, span_m) if middle else None
        return render_template(
            "hazards/list.html",
            found=found,
            code=typed,
            problem=problem,
            view=view,
            picture=drawing.draw(view, found or (), self.place) if view else None,
            spans=SPANS_M,
            size=drawing.SIZE_PX,
            placed=self.place is not None,
        )

    def map(self) -> ResponseReturnValue:
        """The picture that a form shows to be clicked at."""
        view = self._view(request.args)
        if view is None:
            abort(404)
        found = self._found() or ()
        picture = drawing.draw(view, found, self.place, _typed_point(request.args))
        page = render_template("hazards/map.svg", picture=picture, size=drawing.SIZE_PX)
        return Response(page, mimetype="image/svg+xml")

    def geojson(self) -> ResponseReturnValue:
        """RFC 7946, for the programs of whoever clears the place."""
        found = service.geojson(service.around(current_desk(), self.place))
        answer = jsonify(found)
        answer.mimetype = "application/geo+json"
        answer.headers.set("Content-Disposition", "attachment", filename="hazards.geojson")
        return answer

    def _found(self) -> tuple[Nearby, ...] | None:
        desk = current_desk()
        return service.around(desk, self.place) if desk.can_read else None

    def _view(self, fields: Mapping[str, str]) -> View | None:
        """The map stays where it was, or is around what is typed, or around the centre."""
        kept = [fields.get(f"map_{name}", "") for name in ("lat_e5", "lon_e5")]
        if all(one.lstrip("-").isdecimal() and len(one) <= 9 for one in kept):
            lat_e5, lon_e5 = map(int, kept)
            middle = earth.point(lat_e5, lon_e5) if hazard.is_point(lat_e5, lon_e5) else None
        else:
            middle = _typed_point(fields) or self.place
        if middle is None:
            return None
        return View(middle, _span(fields.get("span") or fields.get("map_span", "")))

    def _form(
        self,
        fields: Mapping[str, str],
        problems: Mapping[str, Refusal] | None = None,
        trouble: str | None = None,
        near: tuple[Nearby, ...] = (),
    ) -> str:
        try:
            form_id = forms.read_form_id(fields)
        except FormRefusal:
            form_id = current_desk().new_id()
        view = self._view(fields)
        return render_template(
            "hazards/new.html",
            fields=fields,
            problems=problems or {},
            trouble=trouble,
            near=near,
            form_id=form_id.hex(),
            view=view,
            spans=SPANS_M,
            size=drawing.SIZE_PX,
            devices=[one.value for one in Device],
            most=forms.PLACE_CHARS_MAX,
        )

    def _one(
        self,
        public_id: str,
        fields: Mapping[str, str],
        problems: Mapping[str, Refusal] | None = None,
        trouble: str | None = None,
    ) -> str:
        desk = current_desk()
        found = service.find(desk, public_id)
        if found is None:
            abort(404)
        waits = found.journey is not None and found.journey.held_ms is None
        return render_template(
            "hazards/one.html",
            found=found,
            waits=waits,
            point=service.point_of(found.known) if found.known else None,
            brief=service.brief_text(found.known, self.brief) if found.known and waits else None,
            already="already" in request.args,
            told="told" in request.args,
            fields=fields,
            problems=problems or {},
            trouble=trouble,
            form_id=fields.get("form_id") or desk.new_id().hex(),
            lies=[one.value for one in Lies],
            threatened=[one.value for one in Threatened],
            short_most=forms.SHORT_CHARS_MAX,
            most=forms.PLACE_CHARS_MAX,
        )


def _typed_point(fields: Mapping[str, str]) -> Point | None:
    try:
        return coordinates.read(fields.get("at", ""))
    except ValueError:
        return None


def _span(said: str) -> int:
    return int(said) if said in map(str, SPANS_M) else SPAN_USUAL_M
