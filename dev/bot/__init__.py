"""reviewbot itself in the local world: installed from manifests/, its processes run on this machine."""
