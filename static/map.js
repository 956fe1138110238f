// Maps with Leaflet. Without tiles (no network, other provider) pins stand on a plain ground.
//   <div data-map='{"tiles": url, "maker": "© …", "pins": [{latitude, longitude, name, url, state, words}]}'></div>
//   <div data-map='{…}' data-map-latitude="latitude" data-map-longitude="longitude"></div>   a click fills these fields
"use strict";

(() => {
  const MIDDLE = [46.9, 8.2];
  const plain = (text) => document.createElement("span").appendChild(document.createTextNode(text)).parentNode;

  const pinIcon = (state) =>
    L.divIcon({ className: `pin pin-${state.replace("_", "-")}`, iconSize: [22, 22], iconAnchor: [11, 11] });

  const show = (host) => {
    const { tiles, maker, pins } = JSON.parse(host.dataset.map);
    const map = L.map(host, { scrollWheelZoom: false });
    map.attributionControl.setPrefix(false);
    L.tileLayer(tiles, { attribution: plain(maker).innerHTML, maxZoom: 18, errorTileUrl: "" }).addTo(map);
    for (const pin of pins) {
      const link = Object.assign(document.createElement("a"), { href: pin.url, textContent: pin.name });
      const popup = document.createElement("div");
      popup.append(link, document.createElement("br"), pin.words);
      L.marker([pin.latitude, pin.longitude], { icon: pinIcon(pin.state), title: `${pin.name}: ${pin.words}`, alt: pin.name })
        .addTo(map)
        .bindPopup(popup);
    }
    const places = pins.map((pin) => [pin.latitude, pin.longitude]);
    if (places.length > 1) map.fitBounds(places, { padding: [40, 40], maxZoom: 16 });
    else map.setView(places[0] || MIDDLE, places.length ? 16 : 7);
    map.on("focus", () => map.scrollWheelZoom.enable());
    if (host.dataset.mapLatitude) pick(host, map);
  };

  const pick = (host, map) => {
    const latitude = document.getElementById(host.dataset.mapLatitude);
    const longitude = document.getElementById(host.dataset.mapLongitude);
    let marker = null;
    const place = (point) => {
      marker?.remove();
      marker = L.marker(point, { icon: pinIcon("available") }).addTo(map);
    };
    const typed = () => {
      const point = [Number.parseFloat(latitude.value), Number.parseFloat(longitude.value)];
      if (!point.every(Number.isFinite)) return;
      place(point);
      map.setView(point, 16);
    };
    map.on("click", ({ latlng }) => {
      latitude.value = latlng.lat.toFixed(6);
      longitude.value = latlng.wrap().lng.toFixed(6);
      place(latlng);
    });
    latitude.addEventListener("change", typed);
    longitude.addEventListener("change", typed);
    typed();
  };

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-map]").forEach(show));
})();
